//! Regions as boundaries (K-01, M-03).

/// Longest region, in characters.
pub const MAX: usize = 32;

/// A region, or none. Regions are compared exactly.
pub fn parse(text: &str) -> Result<String, String> {
    let starts = text.chars().next().is_none_or(|c| c.is_ascii_alphanumeric());
    let fits = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if starts && fits && text.len() <= MAX {
        Ok(text.into())
    } else {
        Err(format!(
            "must have at most {MAX} letters, digits, hyphens and underscores, and start with a letter \
             or digit"
        ))
    }
}

/// Whether people may pass, or a binding may stand, between two regions. A thing without a region has no
/// boundary; two regions match if they are the same or the tenant allows the pair.
pub fn compatible(from: &str, to: &str, allowed: &[(String, String)]) -> bool {
    from.is_empty()
        || to.is_empty()
        || from == to
        || allowed.iter().any(|(f, t)| f == from && t == to)
}

/// Whether a workspace or partition may have a region; an empty list of the tenant allows any.
pub fn allowed(region: &str, regions: &[String]) -> bool {
    region.is_empty() || regions.is_empty() || regions.iter().any(|one| one == region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m_03_regions_match_or_the_pair_is_allowed() {
        let allowed = [("eu".to_owned(), "uk".to_owned())];
        assert!(compatible("eu", "eu", &[]));
        assert!(compatible("", "eu", &[]));
        assert!(!compatible("eu", "uk", &[]));
        assert!(compatible("eu", "uk", &allowed));
        assert!(!compatible("uk", "eu", &allowed), "a pair has a direction");
    }

    #[test]
    fn t_03_a_list_of_regions_is_a_limit_and_an_empty_one_is_none() {
        let regions = ["eu".to_owned()];
        assert!(allowed("eu", &regions));
        assert!(allowed("", &regions));
        assert!(!allowed("us", &regions));
        assert!(allowed("us", &[]));
    }

    #[test]
    fn k_01_regions_are_short_codes() {
        for text in ["", "eu", "EU", "eu-west-1", "0"] {
            assert!(parse(text).is_ok(), "{text}");
        }
        for text in ["-eu", "eu west", "é", " eu", &"x".repeat(33)] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
