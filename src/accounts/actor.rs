//! Who is asking, as types. A service method that needs a coach takes a [`CoachActor`], and the only way to one
//! leads through an authenticated [`Identity`]: a forgotten check does not compile.

use crate::model::{Role, UserId};

/// A signed-in person. Made by `Accounts::authenticate` alone (the fields are private to `accounts`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub(super) id: UserId,
    pub(super) role: Role,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) time_zone: String,
    pub(super) email_checked: bool,
}

impl Identity {
    /// Whose it is.
    pub const fn id(&self) -> UserId {
        self.id
    }

    /// What the person may be.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The person's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address they sign in with.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Whether the address was proved to be theirs. Until then nothing but the question is sent there.
    pub const fn email_checked(&self) -> bool {
        self.email_checked
    }

    /// Their IANA zone.
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }

    /// The person as a mentee, if that is their role.
    pub fn mentee(&self) -> Option<MenteeActor> {
        (self.role == Role::Mentee).then_some(MenteeActor(self.id))
    }

    /// The person as a coach, if that is their role.
    pub fn coach(&self) -> Option<CoachActor> {
        (self.role == Role::Coach).then_some(CoachActor(self.id))
    }

    /// The person as an admin, if that is their role.
    pub fn admin(&self) -> Option<AdminActor> {
        (self.role == Role::Admin).then_some(AdminActor(self.id))
    }

    /// The person in whatever role they have, for what the parties of a booking share.
    pub fn actor(&self) -> Actor {
        match self.role {
            Role::Mentee => Actor::Mentee(MenteeActor(self.id)),
            Role::Coach => Actor::Coach(CoachActor(self.id)),
            Role::Admin => Actor::Admin(AdminActor(self.id)),
        }
    }
}

macro_rules! actors {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(UserId);

        impl $name {
            /// Whose it is.
            pub const fn id(self) -> UserId {
                self.0
            }
        }
    )*};
}

actors! {
    /// A signed-in mentee.
    MenteeActor,
    /// A signed-in coach.
    CoachActor,
    /// A signed-in admin.
    AdminActor
}

/// Anyone signed in, for operations that the parties of a booking and admins share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A mentee.
    Mentee(MenteeActor),
    /// A coach.
    Coach(CoachActor),
    /// An admin.
    Admin(AdminActor),
}

impl Actor {
    /// Whose it is.
    pub const fn id(self) -> UserId {
        match self {
            Self::Mentee(actor) => actor.id(),
            Self::Coach(actor) => actor.id(),
            Self::Admin(actor) => actor.id(),
        }
    }

    /// In which role.
    pub const fn role(self) -> Role {
        match self {
            Self::Mentee(_) => Role::Mentee,
            Self::Coach(_) => Role::Coach,
            Self::Admin(_) => Role::Admin,
        }
    }
}

/// Who decides about the time of a coach: that coach, or an admin in their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decider {
    /// The coach.
    Coach(CoachActor),
    /// An admin. The history says so.
    Admin(AdminActor),
}

impl Actor {
    /// The person as one who decides about a coach's time; `None` for a mentee.
    pub const fn decider(self) -> Option<Decider> {
        match self {
            Self::Mentee(_) => None,
            Self::Coach(coach) => Some(Decider::Coach(coach)),
            Self::Admin(admin) => Some(Decider::Admin(admin)),
        }
    }
}

impl From<CoachActor> for Decider {
    fn from(coach: CoachActor) -> Self {
        Self::Coach(coach)
    }
}
impl From<&CoachActor> for Decider {
    fn from(coach: &CoachActor) -> Self {
        Self::Coach(*coach)
    }
}
impl From<AdminActor> for Decider {
    fn from(admin: AdminActor) -> Self {
        Self::Admin(admin)
    }
}
impl From<Decider> for Actor {
    fn from(decider: Decider) -> Self {
        match decider {
            Decider::Coach(coach) => Self::Coach(coach),
            Decider::Admin(admin) => Self::Admin(admin),
        }
    }
}

impl From<MenteeActor> for Actor {
    fn from(actor: MenteeActor) -> Self {
        Self::Mentee(actor)
    }
}
impl From<CoachActor> for Actor {
    fn from(actor: CoachActor) -> Self {
        Self::Coach(actor)
    }
}
impl From<AdminActor> for Actor {
    fn from(actor: AdminActor) -> Self {
        Self::Admin(actor)
    }
}
