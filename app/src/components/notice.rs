use leptos::prelude::*;

use super::{Icon, Picture};

/// How much something matters. Never told by colour alone: each has its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Worth knowing.
    Info,
    /// It worked.
    Ok,
    /// It needs attention.
    Warn,
    /// It failed, or it cannot be undone.
    Danger,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Info => "notice notice-info",
            Self::Ok => "notice notice-ok",
            Self::Warn => "notice notice-warn",
            Self::Danger => "notice notice-danger",
        }
    }

    const fn picture(self) -> Picture {
        match self {
            Self::Info => Picture::Info,
            Self::Ok => Picture::Check,
            Self::Warn | Self::Danger => Picture::Alert,
        }
    }
}

/// A sentence or two that the page should not be read without. A screen reader hears it at once.
#[component]
pub fn Notice(
    /// How much it matters.
    tone: Tone,
    /// The words; links and buttons are welcome.
    children: Children,
) -> impl IntoView {
    let role = if matches!(tone, Tone::Danger) { "alert" } else { "status" };
    view! {
        <div class=tone.class() role=role>
            <Icon picture=tone.picture() />
            <div>{children()}</div>
        </div>
    }
}
