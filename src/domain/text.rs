//! Names and texts (H-07): NFC, no control characters, bounded; and the key that names are compared by.

use unicode_normalization::UnicodeNormalization;

/// A text of one line, trimmed.
pub fn line(text: &str, max: usize) -> Result<String, String> {
    let text: String = text.trim().nfc().collect();
    check(&text, max, |_| false)?;
    Ok(text)
}

/// A name: a line that is not empty.
pub fn name(text: &str, max: usize) -> Result<String, String> {
    let text = line(text, max)?;
    if text.is_empty() { Err("must not be empty".into()) } else { Ok(text) }
}

/// A text of several lines.
pub fn paragraph(text: &str, max: usize) -> Result<String, String> {
    let text: String = text.nfc().collect();
    check(&text, max, |c| matches!(c, '\n' | '\r' | '\t'))?;
    Ok(text)
}

/// What names are compared by: NFC, trimmed, Unicode case folding (W-05).
pub fn key(name: &str) -> String {
    fold(name.trim())
}

/// What texts are compared by where case does not count: NFC, Unicode case folding (L-02).
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    caseless::default_case_fold_str(&text.nfc().collect::<String>()).nfc().collect()
}

fn check(text: &str, max: usize, allowed: impl Fn(char) -> bool) -> Result<(), String> {
    if text.chars().count() > max {
        return Err(format!("must have at most {max} characters"));
    }
    match text.chars().find(|c| c.is_control() && !allowed(*c)) {
        Some(c) => Err(format!("must not contain the control character U+{:04X}", u32::from(c))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// H-07
    #[test]
    fn h_07_text_is_nfc_without_control_characters() {
        assert_eq!(name(" Cafe\u{301} ", 10).unwrap(), "Café");
        assert!(name("a\0b", 10).is_err());
        assert!(name("  ", 10).is_err());
        assert!(name("abc", 2).is_err());
        assert!(line("a\nb", 10).is_err());
        assert_eq!(paragraph("a\nb", 10).unwrap(), "a\nb");
    }

    #[test]
    fn w_05_names_are_compared_after_nfc_trim_and_case_folding() {
        assert_eq!(key(" STRASSE"), key("straße "));
        assert_eq!(key("CAFE\u{301}"), key("café"));
        assert_ne!(key("EMEA"), key("EMEA 2"));
    }
}
