//! What crosses between the server and the browser, and the state of forms. Plain data, compiled for both.

mod app_error;
mod form_state;
mod hours;
mod live;
pub mod picker;

pub use app_error::AppError;
pub use form_state::{FieldState, FormState};
pub use hours::HoursEdited;
pub use live::LiveAt;
