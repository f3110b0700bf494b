//! Until when a call is worked on: what the caller asks for, within what the rpc allows.

use std::time::{Duration, Instant};

use http::HeaderMap;

use super::method::Method;
use crate::error::{Error, Reason, Result};

/// The deadline of a stream that names none; each of its transactions has one of its own.
const FAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The deadline of a call that begins now.
pub fn of(headers: &HeaderMap, method: &Method) -> Result<Instant> {
    let asked = headers.get("grpc-timeout").map(|value| parse(value.as_bytes())).transpose()?;
    let left = [asked, method.limit(), Some(FAR)].into_iter().flatten().min().unwrap_or(FAR);
    Ok(Instant::now() + left)
}

/// Parses `grpc-timeout`: at most eight digits and a unit.
fn parse(value: &[u8]) -> Result<Duration> {
    let amount = |digits: &[u8]| {
        let usual = (1..=8).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
        let text = std::str::from_utf8(digits).ok().filter(|_| usual)?;
        text.parse::<u64>().ok()
    };
    let parsed = value.split_last().and_then(|(unit, digits)| {
        let amount = amount(digits)?;
        match unit {
            b'H' => Some(Duration::from_secs(amount * 60 * 60)),
            b'M' => Some(Duration::from_secs(amount * 60)),
            b'S' => Some(Duration::from_secs(amount)),
            b'm' => Some(Duration::from_millis(amount)),
            b'u' => Some(Duration::from_micros(amount)),
            b'n' => Some(Duration::from_nanos(amount)),
            _ => None,
        }
    });
    parsed.ok_or_else(|| {
        Error::new(
            Reason::MalformedRequest,
            "grpc-timeout must be at most eight digits and one of H, M, S, m, u, n",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_10_timeouts_on_the_wire() {
        assert_eq!(parse(b"2S").unwrap(), Duration::from_secs(2));
        assert_eq!(parse(b"150m").unwrap(), Duration::from_millis(150));
        assert_eq!(parse(b"99999999H").unwrap(), Duration::from_secs(99_999_999 * 3_600));
        for malformed in [&b""[..], b"S", b"1", b"-1S", b"+1S", b"1s", b"123456789S", b"\xff1S"] {
            assert_eq!(parse(malformed).unwrap_err().reason(), Some(Reason::MalformedRequest));
        }
    }
}
