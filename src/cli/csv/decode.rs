//! The bytes of a file as UTF-8.

use std::io::{self, BufRead, Read};

use clap::ValueEnum;
use encoding_rs::{Decoder, DecoderResult};

const BUFFER: usize = 64 * 1024;

/// How a file is encoded, where it has no byte order mark to say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    #[value(name = "utf-8")]
    Utf8,
    /// Latin-1, read as its superset Windows-1252.
    #[value(name = "latin-1", alias = "windows-1252")]
    Latin1,
}

/// A reader that gives UTF-8, whatever its source is in, and fails on bytes that are not. A byte order mark
/// overrules the encoding that it was made with and is dropped.
pub struct Decoded<R> {
    source: R,
    decoder: Decoder,
    raw: Box<[u8]>,
    raw_range: std::ops::Range<usize>,
    /// How many bytes of the source the decoder has seen.
    seen: u64,
    text: Box<[u8]>,
    text_range: std::ops::Range<usize>,
    ended: bool,
}

// === impl Encoding ===

impl Encoding {
    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => encoding_rs::UTF_8.new_decoder(),
            Self::Latin1 => encoding_rs::WINDOWS_1252.new_decoder(),
        }
    }
}

// === impl Decoded ===

impl<R: Read> Decoded<R> {
    /// Decodes `source`.
    pub fn new(source: R, encoding: Encoding) -> Self {
        Self {
            source,
            decoder: encoding.decoder(),
            raw: vec![0; BUFFER].into(),
            raw_range: 0..0,
            seen: 0,
            text: vec![0; BUFFER].into(),
            text_range: 0..0,
            ended: false,
        }
    }

    /// Decodes some more; afterwards there is text, or there is none left.
    fn advance(&mut self) -> io::Result<()> {
        while self.text_range.is_empty() && !self.ended {
            let mut last = false;
            if self.raw_range.is_empty() {
                self.raw_range = 0..self.source.read(&mut self.raw)?;
                last = self.raw_range.is_empty();
            }
            let raw = &self.raw[self.raw_range.clone()];
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(raw, &mut self.text, last);
            self.raw_range.start += read;
            self.seen += read as u64;
            self.text_range = 0..written;
            match result {
                DecoderResult::InputEmpty => self.ended = last,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, after) => {
                    return Err(self.malformed(u64::from(length) + u64::from(after)));
                }
            }
        }
        Ok(())
    }

    /// The error for a sequence that began `back` bytes before what the decoder has seen.
    fn malformed(&self, back: u64) -> io::Error {
        let at = self.seen.saturating_sub(back) + 1;
        let message = if self.decoder.encoding() == encoding_rs::UTF_8 {
            format!(
                "is not UTF-8: byte {at} is not part of any character; if the file is Latin-1 or \
                 Windows-1252, say --encoding latin-1"
            )
        } else {
            format!(
                "is not {}, which it claims to be: see byte {at}",
                self.decoder.encoding().name()
            )
        };
        io::Error::new(io::ErrorKind::InvalidData, message)
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.advance()?;
        Ok(&self.text[self.text_range.clone()])
    }

    fn consume(&mut self, amount: usize) {
        self.text_range.start += amount;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], encoding: Encoding) -> Result<String, String> {
        let mut text = String::new();
        let result = Decoded::new(bytes, encoding).read_to_string(&mut text);
        result.map(|_| text).map_err(|error| error.to_string())
    }

    #[test]
    fn utf_8_passes_with_or_without_a_byte_order_mark() {
        assert_eq!(decode("Zoë".as_bytes(), Encoding::Utf8).unwrap(), "Zoë");
        assert_eq!(decode("\u{FEFF}Zoë".as_bytes(), Encoding::Utf8).unwrap(), "Zoë");
        assert_eq!(decode(b"", Encoding::Utf8).unwrap(), "");
    }

    #[test]
    fn latin_1_is_read_as_windows_1252_when_asked() {
        assert_eq!(decode(b"Zo\xEB \x80", Encoding::Latin1).unwrap(), "Zoë €");
    }

    #[test]
    fn a_byte_order_mark_overrules_the_flag() {
        assert_eq!(decode("\u{FEFF}Zoë".as_bytes(), Encoding::Latin1).unwrap(), "Zoë");
    }

    #[test]
    fn latin_1_taken_for_utf_8_names_the_byte_and_the_flag() {
        let error = decode(b"name\nZo\xEB\n", Encoding::Utf8).unwrap_err();
        assert!(error.contains("byte 8 "), "{error}");
        assert!(error.contains("--encoding latin-1"), "{error}");
    }

    #[test]
    fn the_byte_is_named_also_beyond_the_first_buffer_and_at_the_end() {
        for length in [BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER] {
            let mut bytes = vec![b'a'; length];
            bytes.push(0xC3);
            let expected = format!("byte {} ", length + 1);
            let error = decode(&bytes, Encoding::Utf8).unwrap_err();
            assert!(error.contains(&expected), "{error}, not {expected}");
        }
    }

    #[test]
    fn characters_may_straddle_buffers() {
        let text = "aé€😀".repeat(BUFFER / 4);
        assert_eq!(decode(text.as_bytes(), Encoding::Utf8).unwrap(), text);
    }

    #[test]
    fn utf_16_is_known_by_its_byte_order_mark() {
        let little: Vec<u8> = "\u{FEFF}Zoë\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{FEFF}Zoë\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little, Encoding::Utf8).unwrap(), "Zoë\r\n");
        assert_eq!(decode(&big, Encoding::Utf8).unwrap(), "Zoë\r\n");
        let error = decode(&little[..3], Encoding::Utf8).unwrap_err();
        assert!(error.contains("UTF-16LE"), "{error}");
    }
}
