//! Content that varies by segment (G-12).

use serde_json::{Map, Value as Json};

use crate::id::{AssetId, SegmentId};

/// What names the segmentation; content without it is the same for everybody.
pub const SEGMENTATION: &str = "segmentation_id";
/// Most flaws that a refusal names: it has to fit into the headers of a reply.
const FLAWS_MAX: usize = 50;
/// Most characters of a key that a refusal repeats.
const KEY_MAX: usize = 40;
const DEFAULT: &str = "default";
const VARIANTS: &str = "variants";

/// Content, by the segment of who gets to see it.
#[derive(Clone, Copy, Debug)]
pub struct Variants<'a> {
    /// What it varies by.
    pub segmentation: AssetId,
    default: &'a Json,
    variants: Option<&'a Map<String, Json>>,
}

/// What is wrong with a field of content, and what is allowed.
pub type Flaw = (String, String);

// === impl Variants ===

impl<'a> Variants<'a> {
    /// The variants of content; nothing if it is the same for everybody.
    pub fn of(content: &'a Json) -> Option<Self> {
        let segmentation = content.get(SEGMENTATION)?.as_str()?.parse().ok()?;
        let variants = content.get(VARIANTS).and_then(Json::as_object);
        Some(Self { segmentation, default: content.get(DEFAULT)?, variants })
    }

    /// The variant of a segment; nothing: it has none.
    pub fn variant(&self, segment: SegmentId) -> Option<&'a Json> {
        self.variants?.get(&segment.to_string())
    }

    /// What is shown to who has no segment, or one without a variant.
    pub fn default(&self) -> &'a Json {
        self.default
    }
}

/// What is wrong with the form of content that varies by segment.
pub fn flaws(content: &Json) -> Vec<Flaw> {
    let Some(fields) = content.as_object().filter(|one| one.contains_key(SEGMENTATION)) else {
        return Vec::new();
    };
    let mut flaws = Vec::new();
    let mut flaw = |field: &str, text: &str| {
        if flaws.len() < FLAWS_MAX {
            flaws.push((field.to_owned(), text.to_owned()));
        }
    };
    if !is_id(fields[SEGMENTATION].as_str().unwrap_or_default()) {
        flaw(SEGMENTATION, "must be the id of a segmentation, a UUID in lower case");
    }
    match fields.get(DEFAULT) {
        Some(Json::Object(_)) => {}
        Some(_) => flaw(DEFAULT, "must be an object"),
        None => flaw(DEFAULT, "must be set: it is for whom no variant is"),
    }
    match fields.get(VARIANTS) {
        None => {}
        Some(Json::Object(variants)) => {
            for (key, variant) in variants {
                let field = format!("{VARIANTS}.{}", short(key));
                if !is_id(key) {
                    flaw(&field, "must be named by the id of a segment, a UUID in lower case");
                }
                if !variant.is_object() {
                    flaw(&field, "must be an object");
                }
            }
        }
        Some(_) => flaw(VARIANTS, "must be an object, with a variant by the id of its segment"),
    }
    let others = fields.keys().filter(|key| ![SEGMENTATION, DEFAULT, VARIANTS].contains(&&***key));
    for other in others {
        flaw(
            &short(other),
            "must stand in default and in each variant, since the content varies by segment",
        );
    }
    flaws
}

/// As much of a key as is repeated.
fn short(key: &str) -> String {
    key.chars().take(KEY_MAX).collect()
}

/// Whether a text is an id just as it is printed, so that it is found by it.
fn is_id(text: &str) -> bool {
    text.parse::<SegmentId>().is_ok_and(|id| id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// G-12: what does not vary has any form.
    #[test]
    fn g_12_content_without_a_segmentation_is_anything() {
        for content in [json!({}), json!({ "default": 1, "variants": [], "text": "" })] {
            assert!(flaws(&content).is_empty());
            assert!(Variants::of(&content).is_none());
        }
    }

    #[test]
    fn g_12_each_segment_has_its_variant_or_the_default() {
        let (segmentation, one, other) = (AssetId::new(), SegmentId::new(), SegmentId::new());
        let content = json!({
            "segmentation_id": segmentation,
            "default": { "text": "all" },
            "variants": { one.to_string(): { "text": "some" } },
        });
        assert!(flaws(&content).is_empty());
        let variants = Variants::of(&content).expect("it varies");
        assert_eq!(variants.segmentation, segmentation);
        assert_eq!(variants.variant(one), Some(&json!({ "text": "some" })));
        assert_eq!(variants.variant(other), None);
        assert_eq!(variants.default(), &json!({ "text": "all" }));
        let plain = json!({ "segmentation_id": segmentation, "default": {} });
        assert!(flaws(&plain).is_empty());
        assert_eq!(Variants::of(&plain).expect("it varies").variant(one), None);
    }

    #[test]
    fn g_12_every_flaw_is_named() {
        let named = |content: Json| -> Vec<String> {
            flaws(&content).into_iter().map(|(field, _)| field).collect()
        };
        assert_eq!(named(json!({ "segmentation_id": 5 })), ["segmentation_id", "default"]);
        let upper = SegmentId::new().to_string().to_uppercase();
        let content = json!({
            "segmentation_id": "x",
            "default": "text",
            "variants": { "red": {}, upper.clone(): 1 },
            "text": "lost",
        });
        let keys = [format!("variants.{upper}"), format!("variants.{upper}")];
        let expected = ["segmentation_id", "default"].into_iter().map(str::to_owned);
        let expected: Vec<String> =
            expected.chain(keys).chain(["variants.red".into(), "text".into()]).collect();
        assert_eq!(named(content), expected);
        let id = AssetId::new();
        let content = json!({ "segmentation_id": id, "default": {}, "variants": [] });
        assert_eq!(named(content), ["variants"]);
    }
}
