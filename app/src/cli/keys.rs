//! The key that seals stored credentials.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use wellmet::{
    Deps,
    config::{Config, SecretKey},
    integrations::tokens::Vault,
};

/// The vault with the configured keys. Without `SECRET_KEY`, a key of its own is kept in a file beside an `SQLite` database,
/// made when it is first needed; servers that share a PostgreSQL have no such place and must be told.
pub(super) fn vault(config: &Config, deps: &Deps) -> anyhow::Result<Vault> {
    let key = match (&config.secret_key, deps.store.sqlite_path()) {
        (Some(key), _) => key.clone(),
        (None, Some(database)) => beside(database, deps)?,
        (None, None) => bail!(
            "SECRET_KEY is not set. It is the key that protects stored tokens, the same on all servers that share a PostgreSQL: \
             32 random bytes in base64; for example: the output of `openssl rand -base64 32`"
        ),
    };
    Ok(Vault::new(&key, &config.previous_keys, deps.ids.clone()))
}

/// The key in the file beside `database`, made if there is none.
fn beside(database: &Path, deps: &Deps) -> anyhow::Result<SecretKey> {
    let file = PathBuf::from(format!("{}.key", database.display()));
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => make(&file, deps)?,
        Err(error) => return Err(error).with_context(|| format!("cannot read the key in {}", file.display())),
    };
    SecretKey::parse(text.trim()).map_err(|problem| anyhow::anyhow!("the key in {} is {problem}", file.display()))
}

/// Makes a key that only the owner of the file may read. Of two programs that start at once, both use the first's.
fn make(file: &Path, deps: &Deps) -> anyhow::Result<String> {
    let mut key = [0_u8; 32];
    deps.ids.fill(&mut key);
    let text = STANDARD.encode(key);
    // Written whole under another name first: nobody ever reads half a key.
    let draft = file.with_extension(format!("draft-{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut draft| writeln!(draft, "{text}").and_then(|()| draft.sync_all()));
    let linked = written.and_then(|()| fs::hard_link(&draft, file));
    fs::remove_file(&draft).ok();
    match linked {
        Ok(()) => {
            println!("made a key for stored tokens: {}. Keep it with your backups, apart from the database.", file.display());
            Ok(text)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(fs::read_to_string(file)?),
        Err(error) => Err(error).with_context(|| format!("cannot write a key to {}", file.display())),
    }
}
