//! Durations as people write them.

use std::time::Duration;

/// Parses `500ms`, `20s` or `30m`.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let amount = digits.parse::<u32>().map_err(|_| refused())?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(amount.into())),
        "s" => Ok(Duration::from_secs(amount.into())),
        "m" => Ok(Duration::from_secs(60 * u64::from(amount))),
        _ => Err(refused()),
    }
}

fn refused() -> String {
    "must be a whole number and ms, s or m, as in 500ms, 20s or 30m".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
        assert_eq!(parse("30m"), Ok(Duration::from_secs(1_800)));
        for refused in ["", "5", "s", "-1s", "1.5s", "1h"] {
            assert!(parse(refused).is_err(), "{refused}");
        }
    }
}
