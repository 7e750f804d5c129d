//! The web server: routes, what a handler may ask of a request, and how a view becomes an answer.
//!
//! A request passes, outermost first: compression, [`observe`] (request id, access log, security headers), error
//! pages, timeout, panic catcher, cross-site check, body limit, handler. Whatever fails anywhere answers with a
//! [`PageError`], which the error pages layer turns into words.

pub mod assets;
pub mod context;
pub mod cookies;
pub mod error;
pub mod extract;
pub mod flash;
pub mod form;
pub mod live;
pub mod local_path;
pub mod observe;
pub mod outbox;
pub mod render;
pub mod router;
pub mod security;
pub mod serve;
pub mod site;
pub mod state;

pub use context::PageContext;
pub use error::PageError;
pub use extract::{Client, PathOf, QueryOf, SignedIn, SignedInAdmin, SignedInCoach, SignedInMentee, Viewer};
pub use flash::see_other;
pub use form::Form;
pub use local_path::LocalPath;
pub use render::{Page, page};
pub use state::{AppState, Lands};
