//! Assets between the wire and the use cases.
