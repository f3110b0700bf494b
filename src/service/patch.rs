//! What an update changes of a row.

/// The names of the fields that an update has changed so far.
#[derive(Debug, Default)]
pub struct Changed(pub Vec<&'static str>);

// === impl Changed ===

impl Changed {
    /// Sets a field, if another value is given.
    pub fn set<T: Clone + PartialEq>(
        &mut self,
        name: &'static str,
        slot: &mut T,
        given: Option<&T>,
    ) {
        if let Some(given) = given.filter(|given| *given != slot) {
            slot.clone_from(given);
            self.0.push(name);
        }
    }

    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a field was.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }
}
