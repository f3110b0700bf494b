//! Emails, and the key that they are compared by (D-01).

/// An email as given, and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As given, trimmed.
    pub given: String,
    /// Local part in lower case, domain by IDNA.
    pub key: String,
}

/// Longest local part, in bytes (RFC 5321).
const LOCAL_MAX: usize = 64;
/// Longest address, in bytes (RFC 5321).
const TOTAL_MAX: usize = 254;
/// The characters of an unquoted local part beside letters and digits (RFC 5322).
const ATOM: &str = "!#$%&'*+-/=?^_`{|}~.";

// === impl Email ===

impl Email {
    /// Parses an address. Letters beyond ASCII in the local part are refused, not mapped: folding them
    /// would let two mailboxes share one key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let given = text.trim();
        if given.len() > TOTAL_MAX {
            return Err(format!("must have at most {TOTAL_MAX} bytes"));
        }
        let (local, domain) = given.rsplit_once('@').ok_or("must be an email: local@domain")?;
        if local.is_empty() || local.len() > LOCAL_MAX {
            return Err(format!("must have 1 to {LOCAL_MAX} bytes before the @"));
        }
        if !local.chars().all(|c| c.is_ascii_alphanumeric() || ATOM.contains(c)) {
            return Err(
                "must have only ASCII letters, digits and !#$%&'*+-/=?^_`{|}~. before the @".into(),
            );
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(
                "must not have a dot at the start, at the end or doubled before the @".into()
            );
        }
        let domain = domain_key(domain)?;
        let key = format!("{}@{domain}", local.to_ascii_lowercase());
        if key.len() > TOTAL_MAX {
            return Err(format!("must have at most {TOTAL_MAX} bytes"));
        }
        Ok(Self { given: given.into(), key })
    }
}

impl std::str::FromStr for Email {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

fn domain_key(domain: &str) -> Result<String, String> {
    let wrong = || "must have a domain name after the @".to_owned();
    let key = idna::domain_to_ascii_strict(domain).map_err(|_| wrong())?;
    let labels_fit = key.split('.').all(|label| (1..=63).contains(&label.len()));
    if key.contains('.') && labels_fit && !key.ends_with('.') { Ok(key) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> Option<String> {
        Email::parse(text).ok().map(|email| email.key)
    }

    #[test]
    fn d_01_case_and_idna_do_not_make_another_address() {
        assert_eq!(key(" Ada.L+x@Example.COM ").as_deref(), Some("ada.l+x@example.com"));
        assert_eq!(key("a@BÜCHER.example"), key("a@xn--bcher-kva.example"));
    }

    #[test]
    fn d_01_look_alikes_are_refused_and_not_mapped() {
        for text in [
            "mıke@example.com",
            "\u{212A}ate@example.com",
            "ſam@example.com",
            "ａda@example.com",
            "a\u{200B}b@example.com",
            "a b@example.com",
            "\"a\"@example.com",
            "a@b@example.com",
            "a..b@example.com",
            ".a@example.com",
            "a.@example.com",
            "a@",
            "@example.com",
            "a",
            "a@example",
            "a@example.com.",
            "a@-example.com",
            "a@exa\0mple.com",
            "",
        ] {
            assert_eq!(key(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn d_01_the_key_is_its_own_key_and_never_panics(text in "\\PC{0,40}") {
            if let Some(once) = key(&text) {
                prop_assert_eq!(key(&once), Some(once.clone()));
            }
        }

        #[test]
        fn d_01_ascii_case_never_matters(local in "[a-zA-Z0-9]{1,10}", domain in "[a-zA-Z0-9]{1,10}") {
            let text = format!("{local}@{domain}.example");
            prop_assert_eq!(key(&text), key(&text.to_ascii_uppercase()));
            prop_assert_eq!(key(&text), key(&text.to_ascii_lowercase()));
        }
    }
}
