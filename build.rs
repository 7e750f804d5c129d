//! Migrations are compiled in: tell Cargo to look at the folder, or new files go unnoticed.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
