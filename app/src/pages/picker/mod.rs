//! The slot picker: from slots to what is shown.

mod build;

pub use build::{PickerRequest, build};
