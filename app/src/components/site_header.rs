use leptos::prelude::*;
use wellmet::model::Role;

use super::{FaceMark, Logo};

/// The entries of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nav {
    /// The page belongs to none.
    None,
    /// The directory.
    Coaches,
    /// The sign-in page.
    SignIn,
    /// The page to sign up on.
    Join,
    /// A mentee's bookings.
    Bookings,
    /// A coach's day.
    Today,
    /// A coach's hours.
    Availability,
    /// A coach's session types.
    Sessions,
    /// A coach's settings.
    Settings,
    /// An admin's overview.
    Admin,
}

/// Who is signed in, for the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavUser {
    /// Their name.
    pub name: String,
    /// Decides which entries they see.
    pub role: Role,
}

fn entries(role: Option<Role>) -> &'static [(Nav, &'static str, &'static str)] {
    match role {
        None => &[(Nav::Coaches, "/coaches", "Coaches"), (Nav::SignIn, "/login", "Sign in"), (Nav::Join, "/register", "Join")],
        Some(Role::Mentee) => &[(Nav::Coaches, "/coaches", "Coaches"), (Nav::Bookings, "/bookings", "My bookings")],
        Some(Role::Coach) => &[
            (Nav::Today, "/dashboard", "Today"),
            (Nav::Availability, "/dashboard/availability", "Availability"),
            (Nav::Sessions, "/dashboard/session-types", "Sessions"),
            (Nav::Settings, "/dashboard/settings", "Settings"),
        ],
        Some(Role::Admin) => &[(Nav::Admin, "/admin", "Admin"), (Nav::Coaches, "/coaches", "Coaches")],
    }
}

/// The top of every page: the sign, the navigation of the viewer's role, and the account menu.
#[component]
pub fn SiteHeader(
    /// The entry that the page belongs to.
    nav: Nav,
    /// Who is signed in.
    user: Option<NavUser>,
) -> impl IntoView {
    let links = entries(user.as_ref().map(|user| user.role)).iter().map(|&(entry, path, words)| {
        let current = (entry == nav).then_some("page");
        view! { <a href=path aria-current=current>{words}</a> }
    });
    let links = links.collect_view();
    view! {
        <header class="site-header">
            <a class="logo" href="/" aria-label="Wellmet, home"><Logo />"Wellmet"</a>
            <nav class="site-nav" aria-label="Main">{links}</nav>
            {user.map(|user| view! { <AccountMenu user /> })}
        </header>
    }
}

/// Opens without scripts: it is a `<details>`.
#[component]
fn AccountMenu(
    /// Whose.
    user: NavUser,
) -> impl IntoView {
    let role = match user.role {
        Role::Mentee => "Signed in as a mentee",
        Role::Coach => "Signed in as a coach",
        Role::Admin => "Signed in as an admin",
    };
    let settings = if user.role == Role::Coach { "/dashboard/settings" } else { "/settings" };
    view! {
        <details class="menu" name="menu">
            <summary aria-label=format!("Account of {}", user.name)><FaceMark name=user.name.clone() /></summary>
            <div class="menu-panel">
                <p class="menu-who"><strong>{user.name}</strong><br /><span class="muted small">{role}</span></p>
                <div class="menu-links"><a href=settings>"Settings"</a></div>
                <form method="post" action="/logout">
                    <button class="btn btn-wide">"Sign out"</button>
                </form>
            </div>
        </details>
    }
}
