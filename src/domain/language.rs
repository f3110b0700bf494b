//! Languages, as BCP 47 tags.

/// Longest tag, in characters (RFC 5646 asks for at least 35).
const MAX: usize = 35;

/// A language, or none. The form is checked, not whether the language is registered.
pub fn parse(text: &str) -> Result<String, String> {
    let mut subtags = text.split('-');
    let primary = subtags.next().unwrap_or_default();
    let letters = |tag: &str| tag.chars().all(|c| c.is_ascii_alphabetic());
    let word =
        |tag: &str| (1..=8).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_alphanumeric());
    let fits = (2..=8).contains(&primary.len()) && letters(primary) && subtags.all(word);
    if text.is_empty() || (fits && text.len() <= MAX) {
        Ok(text.into())
    } else {
        Err("must be a BCP 47 tag, such as de or de-CH".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w_01_languages_look_like_bcp_47() {
        for text in ["", "de", "de-CH", "zh-Hant-TW", "es-419", "de-CH-1996", "sl-rozaj-biske"] {
            assert!(parse(text).is_ok(), "{text}");
        }
        for text in ["d", "de_CH", "de-", "deutschland", "1a", "de--CH", "de CH", "dé"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
