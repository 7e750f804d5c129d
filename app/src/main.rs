//! The program `wellmet`. Everything is in the library; see `app::cli`.

fn main() -> std::process::ExitCode {
    app::cli::run()
}
