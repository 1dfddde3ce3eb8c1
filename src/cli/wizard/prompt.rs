//! Questions in a terminal.

use std::io::{self, BufRead, Write as _};

use super::terminal_error;
use crate::Result;
use crate::cli::output::printable;

/// Somebody who answers questions.
pub(super) trait Ask {
    /// Shows a line.
    fn say(&mut self, text: &str) -> Result<()>;
    /// Asks for a line.
    fn line(&mut self, question: &str) -> Result<String>;
    /// Asks for a line that is not shown while it is typed.
    fn secret(&mut self, question: &str) -> Result<String>;

    /// Asks for a yes; everything else is a no.
    fn confirm(&mut self, question: &str) -> Result<bool> {
        let answer = self.line(&format!("{question} [y/N] "))?;
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }
}

/// The person at the terminal. Questions go to stderr, so that stdout stays for results.
#[derive(Debug)]
pub(super) struct Terminal;

impl Ask for Terminal {
    fn say(&mut self, text: &str) -> Result<()> {
        writeln!(io::stderr().lock(), "{}", printable(text)).map_err(|error| terminal_error(&error))
    }

    fn line(&mut self, question: &str) -> Result<String> {
        let ask = || {
            let mut stderr = io::stderr().lock();
            write!(stderr, "{}", printable(question))?;
            stderr.flush()?;
            let mut line = String::new();
            match io::stdin().lock().read_line(&mut line)? {
                0 => Err(io::ErrorKind::UnexpectedEof.into()),
                _ => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
            }
        };
        ask().map_err(|error| terminal_error(&error))
    }

    fn secret(&mut self, question: &str) -> Result<String> {
        rpassword::prompt_password(printable(question)).map_err(|error| terminal_error(&error))
    }
}
