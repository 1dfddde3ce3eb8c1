//! Starts the program.

use std::process::ExitCode;

fn main() -> ExitCode {
    va_driver::cli::run()
}
