//! Regions as boundaries (K-01, M-03).

/// Whether people may pass, or a binding may stand, between two regions. A thing without a region has no
/// boundary; two regions match if they are the same or the tenant allows the pair.
pub fn compatible(from: &str, to: &str, allowed: &[(String, String)]) -> bool {
    from.is_empty()
        || to.is_empty()
        || from == to
        || allowed.iter().any(|(f, t)| f == from && t == to)
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
}
