//! Whose tokens are taken: the file of `--jwt-issuers`.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use http::Uri;
pub use jsonwebtoken::Algorithm;
use serde::Deserialize;

use crate::id::TenantId;

/// An issuer of tokens.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Its name, exactly as in `iss`.
    pub issuer: String,
    /// What stands in `aud` of tokens that are meant for this service.
    pub audiences: Vec<String>,
    /// Where its keys are.
    pub jwks: Jwks,
    /// The algorithms that it signs with.
    pub algorithms: Vec<Algorithm>,
    /// The claim that names the tenant: an exact name, else a dotted path.
    pub tenant_claim: String,
    /// The claim that names the subject.
    pub subject_claim: String,
    /// What goes before each of its subjects.
    pub subject_prefix: Option<String>,
    /// The one tenant that all of its tokens are of; its claims then name none.
    pub tenant: Option<TenantId>,
    /// The claim that, where it is true, makes the caller an operator of the platform.
    pub operator_claim: Option<String>,
}

/// Where the keys of an issuer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Jwks {
    /// In a file, which is read again when it changes.
    File(PathBuf),
    /// Behind a URL.
    Url {
        /// The URL; plain HTTP only to this machine.
        url: Uri,
        /// Who vouches for the server behind it, as PEM; else those whom browsers trust.
        ca: Option<PathBuf>,
    },
}

/// An issuer as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    issuer: String,
    audiences: Vec<String>,
    jwks: String,
    jwks_ca: Option<PathBuf>,
    algorithms: Option<Vec<String>>,
    tenant_claim: Option<String>,
    subject_claim: Option<String>,
    subject_prefix: Option<String>,
    tenant: Option<String>,
    operator_claim: Option<String>,
}

// === impl Issuer ===

impl Issuer {
    /// The algorithms of issuers that name none.
    pub const ALGORITHMS: [Algorithm; 9] = [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::EdDSA,
    ];

    /// Reads a file of issuers; relative paths in it start from its own folder.
    pub fn read(file: &Path) -> Result<Vec<Self>, String> {
        let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
        Self::parse(&text, file.parent().unwrap_or(Path::new("")))
    }

    /// Parses a list of issuers, whose files are below a folder.
    pub fn parse(text: &str, folder: &Path) -> Result<Vec<Self>, String> {
        let written: Vec<Written> =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut issuers: Vec<Self> = Vec::new();
        for written in written {
            let name = written.issuer.clone();
            let issuer =
                written.check(folder).map_err(|error| format!("issuer {name:?}: {error}"))?;
            if let Some(other) = issuers.iter().find_map(|other| other.conflict(&issuer)) {
                return Err(other);
            }
            issuers.push(issuer);
        }
        if issuers.is_empty() { Err("names no issuer".into()) } else { Ok(issuers) }
    }

    /// Two issuers could give one subject to two people, unless they never meet or say what they do.
    fn conflict(&self, other: &Self) -> Option<String> {
        if self.issuer == other.issuer {
            return Some(format!("issuer {:?} is there twice", self.issuer));
        }
        let apart = self.tenant.is_some() && other.tenant.is_some() && self.tenant != other.tenant;
        let operators = self.operator_claim.is_some() && other.operator_claim.is_some();
        let silent = self.subject_prefix.is_none() || other.subject_prefix.is_none();
        ((!apart || operators) && silent).then(|| {
            format!(
                "issuers {:?} and {:?} may both name callers of one tenant, or operators: give each a \
                 subject_prefix; the same one, or \"\", only if one subject is one person for both",
                self.issuer, other.issuer
            )
        })
    }
}

// === impl Written ===

impl Written {
    fn check(self, folder: &Path) -> Result<Issuer, String> {
        if self.issuer.is_empty() {
            return Err("issuer must not be empty".into());
        }
        if self.audiences.is_empty() || self.audiences.iter().any(String::is_empty) {
            return Err("audiences must name at least one audience, and no empty one".into());
        }
        if self.tenant.is_some() && self.tenant_claim.is_some() {
            return Err("either tenant or tenant_claim, not both".into());
        }
        let tenant =
            self.tenant.map(|text| TenantId::parse_usual(&text).ok_or("tenant: not a UUID"));
        let names = [&self.tenant_claim, &self.subject_claim, &self.operator_claim];
        if names.into_iter().flatten().any(String::is_empty) {
            return Err("the name of a claim must not be empty".into());
        }
        Ok(Issuer {
            jwks: jwks(&self.jwks, self.jwks_ca, folder)?,
            algorithms: match self.algorithms {
                Some(names) => algorithms(&names)?,
                None => Issuer::ALGORITHMS.into(),
            },
            issuer: self.issuer,
            audiences: self.audiences,
            tenant_claim: self.tenant_claim.unwrap_or_else(|| "tenant_id".into()),
            subject_claim: self.subject_claim.unwrap_or_else(|| "sub".into()),
            subject_prefix: self.subject_prefix,
            tenant: tenant.transpose()?,
            operator_claim: self.operator_claim,
        })
    }
}

fn algorithms(names: &[String]) -> Result<Vec<Algorithm>, String> {
    let known = |name: &String| {
        let algorithm = name.parse().ok().filter(|known| Issuer::ALGORITHMS.contains(known));
        algorithm.ok_or_else(|| {
            format!(
                "algorithms: {name:?} is not among {:?}; shared secrets never are",
                Issuer::ALGORITHMS
            )
        })
    };
    let known: Vec<Algorithm> = names.iter().map(known).collect::<Result<_, _>>()?;
    if known.is_empty() { Err("algorithms must not be empty".into()) } else { Ok(known) }
}

fn jwks(text: &str, ca: Option<PathBuf>, folder: &Path) -> Result<Jwks, String> {
    let Some((scheme, _)) = text.split_once("://") else {
        if ca.is_some() {
            return Err("jwks_ca is for keys behind an https URL".into());
        }
        let file = folder.join(text);
        // A typing error shows now, not with the first call.
        fs::read(&file).map_err(|error| format!("jwks {}: {error}", file.display()))?;
        return Ok(Jwks::File(file));
    };
    let url: Uri = text.parse().map_err(|error| format!("jwks: {error}"))?;
    let host = url.host().unwrap_or_default();
    if host.is_empty() || url.authority().is_some_and(|authority| authority.as_str().contains('@'))
    {
        return Err("jwks: must have a host, and no user".into());
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" => {
            let ca = ca.map(|ca| folder.join(ca));
            if let Some(ca) = &ca {
                fs::read(ca).map_err(|error| format!("jwks_ca {}: {error}", ca.display()))?;
            }
            Ok(Jwks::Url { url, ca })
        }
        "http" if is_loopback(host) && ca.is_none() => Ok(Jwks::Url { url, ca }),
        "http" => Err(
            "jwks: http is for this machine only: keys that anybody could exchange prove nothing; \
                 use https"
                .into(),
        ),
        _ => Err("jwks: must be a file or an https URL".into()),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: &str = "0192f0c1-0000-7000-8000-000000000001";
    const OTHER: &str = "0192f0c1-0000-7000-8000-000000000002";

    fn parse(text: &str) -> Result<Vec<Issuer>, String> {
        Issuer::parse(text, Path::new("/nowhere"))
    }

    /// One issuer with some more keys.
    fn one(more: &str) -> Result<Vec<Issuer>, String> {
        parse(&format!(
            r#"[{{"issuer": "https://a", "audiences": ["precinct"], "jwks": "https://a/jwks"{more}}}]"#
        ))
    }

    /// Two issuers with some more keys each.
    fn two(a: &str, b: &str) -> Result<Vec<Issuer>, String> {
        let issuer = |name, more| {
            format!(r#"{{"issuer": "{name}", "audiences": ["p"], "jwks": "https://a/"{more}}}"#)
        };
        parse(&format!("[{}, {}]", issuer("a", a), issuer("b", b)))
    }

    #[test]
    fn h_01_defaults() {
        let issuer = one("").unwrap().remove(0);
        assert_eq!(issuer.algorithms, Issuer::ALGORITHMS);
        assert_eq!(
            (issuer.tenant_claim.as_str(), issuer.subject_claim.as_str()),
            ("tenant_id", "sub")
        );
        assert_eq!((issuer.tenant, issuer.operator_claim), (None, None));
    }

    #[test]
    fn h_01_what_cannot_be_safe_is_refused_at_start() {
        let refused = [
            ("[]", "names no issuer"),
            (r#"[{"issuer": "a", "jwks": "https://a/"}]"#, "missing field `audiences`"),
            (
                r#"[{"issuer": "a", "audiences": [], "jwks": "https://a/"}]"#,
                "at least one audience",
            ),
            (r#"[{"issuer": "", "audiences": ["p"], "jwks": "https://a/"}]"#, "must not be empty"),
            (r#"[{"issuer": "a", "audiences": ["p"], "jwks": "http://a/"}]"#, "use https"),
            (
                r#"[{"issuer": "a", "audiences": ["p"], "jwks": "http://127.0.0.1.a/"}]"#,
                "use https",
            ),
            (r#"[{"issuer": "a", "audiences": ["p"], "jwks": "http://localhost@a/"}]"#, "no user"),
            (r#"[{"issuer": "a", "audiences": ["p"], "jwks": "ftp://a/"}]"#, "must be a file"),
            (r#"[{"issuer": "a", "audiences": ["p"], "jwks": "none.json"}]"#, "/nowhere/none.json"),
        ];
        for (text, why) in refused {
            let error = parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        let refused = [
            (r#", "algorithm": ["ES256"]"#, "unknown field"),
            (r#", "algorithms": ["HS256"]"#, "shared secrets"),
            (r#", "algorithms": ["none"]"#, "\"none\" is not among"),
            (r#", "algorithms": []"#, "must not be empty"),
            (r#", "tenant": "acme""#, "not a UUID"),
            (r#", "operator_claim": """#, "name of a claim"),
            (r#", "jwks_ca": "ca.pem""#, "jwks_ca"),
        ];
        for (more, why) in refused {
            let error = one(more).unwrap_err();
            assert!(error.contains(why), "{more}: {error}");
        }
    }

    #[test]
    fn keys_of_this_machine_may_come_by_http() {
        for host in ["127.0.0.1:8080", "localhost", "[::1]:8080"] {
            let text =
                format!(r#"[{{"issuer": "a", "audiences": ["p"], "jwks": "http://{host}/jwks"}}]"#);
            parse(&text).unwrap();
        }
    }

    #[test]
    fn h_01_issuers_that_may_meet_say_how_subjects_are_told_apart() {
        assert!(two("", "").unwrap_err().contains("subject_prefix"));
        assert!(two("", r#", "subject_prefix": "b/""#).unwrap_err().contains("subject_prefix"));
        assert_eq!(
            two(r#", "subject_prefix": """#, r#", "subject_prefix": "b/""#).unwrap().len(),
            2
        );
        let tenant = |id: &str, more: &str| format!(r#", "tenant": "{id}"{more}"#);
        assert_eq!(two(&tenant(ACME, ""), &tenant(OTHER, "")).unwrap().len(), 2);
        assert!(two(&tenant(ACME, ""), &tenant(ACME, "")).is_err());
        let operators = r#", "operator_claim": "admin""#;
        assert!(two(&tenant(ACME, operators), &tenant(OTHER, operators)).is_err());
    }

    #[test]
    fn one_issuer_is_named_once() {
        let issuer =
            r#"{"issuer": "a", "audiences": ["p"], "jwks": "https://a/", "subject_prefix": ""}"#;
        assert!(parse(&format!("[{issuer}, {issuer}]")).unwrap_err().contains("twice"));
    }
}
