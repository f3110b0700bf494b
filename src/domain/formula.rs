//! Text that a spreadsheet would run as a formula.
//!
//! An export puts an apostrophe before it, as a person would; an import takes it off again. Text that has
//! apostrophes before such a character already gets one more, so that the two are each other's inverse.

use std::borrow::Cow;

/// The cell for a text.
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text of a cell.
pub fn unescape(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

fn is_formula(text: &str) -> bool {
    let first = text.trim_start_matches('\'').chars().next();
    matches!(first, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_get_an_apostrophe() {
        for text in ["=1+1", "+49 30", "-2", "@x", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"]
        {
            assert_eq!(escape(text), format!("'{text}"));
            assert_eq!(unescape(&escape(text)), text);
        }
    }

    #[test]
    fn other_text_stays() {
        for text in ["", "'", "'s-Hertogenbosch", "a=b", "O'Neill", " =1", "5"] {
            assert_eq!(escape(text), text);
            assert_eq!(unescape(text), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_comes_back_and_is_no_formula(text in "['=+@\\-\t\r\n＝a]{0,6}|\\PC{0,20}") {
            let cell = escape(&text).into_owned();
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']));
            prop_assert_eq!(unescape(&cell), text);
        }
    }
}
