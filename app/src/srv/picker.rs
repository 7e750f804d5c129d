//! Free times for the slot picker.
#![expect(missing_docs, reason = "the macro makes a struct of the arguments, which the function documents")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::dto::{
    AppError,
    picker::{PickerSource, PickerView},
};

/// A month of free times, laid out in `zone`; `day` is the chosen one. Reads only.
///
/// # Errors
/// `NotFound` when there is no such session type or booking for the person who asks.
#[server(endpoint = "picker", input = GetUrl)]
pub async fn picker(source: PickerSource, month: String, day: Option<String>, zone: String) -> Result<PickerView, AppError> {
    crate::pages::picker::answer(source, month, day, &zone).await
}
