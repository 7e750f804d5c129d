//! Where mail stays that nobody sends.

use std::{fs, sync::Arc};

use wellmet::{
    model::Role,
    notices::mail::{Folder, Words},
};

use super::world::worker;
use crate::support::TestDb;

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_keeps_mail_that_can_be_read_and_opened() {
    let (db, place) = (TestDb::sqlite().await, tempfile::tempdir().unwrap());
    let path = place.path().join("deeper/mail");
    let folder = Folder::new(&path);
    assert_eq!(folder.list().unwrap(), []);
    let worker = worker(&db, Arc::new(folder.clone()), Words::of_program().unwrap());
    db.person("ada", Role::Mentee, "Europe/Paris").await;
    worker.drain().await.unwrap();
    db.clock().advance(std::time::Duration::from_secs(1));
    db.person("bea", Role::Mentee, "Europe/Paris").await;
    worker.drain().await.unwrap();
    let list = folder.list().unwrap();
    let to: Vec<_> = list.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["bea@example.org", "ada@example.org"], "the newest first");
    assert_eq!(folder.mail(&list[0].name).unwrap().as_ref(), Some(&list[0]));
    let whole = String::from_utf8(folder.whole(&list[0].name).unwrap().unwrap()).unwrap();
    assert!(whole.contains("\r\nTo: bea <bea@example.org>\r\n") && whole.contains("multipart/alternative"), "{whole}");
    // The same mail again is the same file.
    db.run("UPDATE jobs SET state = 'waiting', attempts = 0").await;
    worker.drain().await.unwrap();
    assert_eq!(fs::read_dir(&path).unwrap().count(), 4);
    fs::write(place.path().join("deeper/secret.json"), "{}").unwrap();
    for name in ["../secret", "", ".", "x/../../secret", "nothing"] {
        assert_eq!((folder.mail(name).unwrap(), folder.whole(name).unwrap()), (None, None), "{name}");
    }
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o700);
}
