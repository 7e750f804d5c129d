//! A folder instead of a mail server: every mail is a file that mail programs open, and beside it what it consists of.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::transport::{Delivery, Letter, Transport};
use crate::{model::Instant, time::hash_secret};

/// How many mails a list shows.
const SHOWN: usize = 200;

/// Mail that nobody sends. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// A mail in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMail {
    /// Its name in the folder, without an ending.
    pub name: String,
    /// Its date, in milliseconds since 1970.
    pub at: i64,
    /// Whom it is for.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML document.
    pub html: String,
    /// The invitation, if it brings one.
    pub invite: Option<String>,
}

impl Folder {
    /// The folder `path`, made when the first mail comes.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The newest mails, the newest first.
    ///
    /// # Errors
    /// When the folder cannot be read; a missing one is empty.
    pub fn list(&self) -> io::Result<Vec<KeptMail>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect();
        // Names begin with the date.
        names.sort_unstable_by(|a, b| b.cmp(a));
        // One that disappears meanwhile, or is half there, is left out.
        Ok(names.iter().take(SHOWN).filter_map(|name| self.mail(name).ok().flatten()).collect())
    }

    /// The mail `name`; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn mail(&self, name: &str) -> io::Result<Option<KeptMail>> {
        let Some(text) = self.read(name, "json")? else { return Ok(None) };
        serde_json::from_slice(&text).map(Some).map_err(io::Error::from)
    }

    /// The mail `name` as it would be sent.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn whole(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.read(name, "eml")
    }

    fn read(&self, name: &str, ending: &str) -> io::Result<Option<Vec<u8>>> {
        // Names are ours: nothing else leads out of the folder.
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            return Ok(None);
        }
        match fs::read(self.0.join(format!("{name}.{ending}"))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    fn keep(&self, letter: &Letter) -> io::Result<()> {
        make_folder(&self.0)?;
        let name = name_of(letter.at, &letter.id);
        let kept = KeptMail {
            at: letter.at.millis(),
            to: letter.to.clone(),
            subject: letter.subject.clone(),
            text: letter.text.clone(),
            html: letter.html.clone(),
            invite: letter.invite.clone(),
            name: name.clone(),
        };
        // The list is made of the second kind, so a mail in it is there as a whole.
        write(&self.0, &name, "eml", &letter.bytes)?;
        write(&self.0, &name, "json", &serde_json::to_vec(&kept)?)
    }
}

#[async_trait]
impl Transport for Folder {
    async fn send(&self, letter: &Letter) -> Delivery {
        let (folder, letter) = (self.clone(), letter.clone());
        let kept = tokio::task::spawn_blocking(move || folder.keep(&letter)).await;
        match kept.map_err(io::Error::other).and_then(|kept| kept) {
            Ok(()) => Delivery::Accepted,
            Err(error) => {
                tracing::warn!(target: "mail", %error, "the folder for mail cannot be written");
                Delivery::NotNow("The folder for mail cannot be written.".to_owned())
            }
        }
    }
}

/// The same for every try of the same mail, in the order of dates.
fn name_of(at: Instant, id: &str) -> String {
    format!("{:014}-{}", at.millis(), &hash_secret(id)[..16])
}

/// Mail has links that let in: nobody but the owner of the site's files reads it.
fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn write(folder: &Path, name: &str, ending: &str, bytes: &[u8]) -> io::Result<()> {
    // Whole under another name first: nobody ever reads half a mail.
    let draft = folder.join(format!(".{name}.{ending}.draft"));
    fs::write(&draft, bytes)?;
    fs::rename(&draft, folder.join(format!("{name}.{ending}")))
}
