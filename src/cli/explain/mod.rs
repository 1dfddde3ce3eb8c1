//! What a member of a server or of a provider is: for people, for programs, and as the page of the
//! documentation. All of it comes from the tables of members and from what the drivers say of them.
//!
//! | file | concern |
//! |---|---|
//! | `server` | a member of a server, and what each driver does with it |
//! | `provider` | a member of a provider's record, and what each driver reads in it |
//! | `page` | `docs/members.md` |

mod page;
pub(super) mod provider;
pub(super) mod server;

use std::process::ExitCode;

use serde_json::json;

use super::args::ExplainArgs;
use super::output::{self, Format, wrapped_on_stdout};
use super::stdout;
use crate::decode::suggest;
use crate::driver::Registry;
use crate::{Error, Kind, Result};

/// The members that somebody asks about.
struct Chosen {
    server: Vec<server::Explained>,
    provider: Vec<provider::Explained>,
}

/// Explains the member that `args` name, else says a line of each.
pub(super) fn run(args: &ExplainArgs, drivers: &Registry, format: Format) -> Result<ExitCode> {
    let text = if args.markdown {
        page::markdown(drivers)
    } else {
        let chosen = chosen(args.member.as_deref(), drivers)?;
        match (format.is_table(), &args.member) {
            (true, None) => chosen.lines(),
            (true, Some(_)) => chosen.blocks(),
            (false, _) => {
                let members =
                    json!({"members": chosen.server, "provider_members": chosen.provider});
                output::result(&members, format)?
            }
        }
    };
    stdout::write(&text)?;
    Ok(ExitCode::SUCCESS)
}

impl Chosen {
    fn lines(&self) -> String {
        let server = self.server.iter().map(server::Explained::line);
        let provider = self.provider.iter().map(provider::Explained::lines);
        server.chain(provider).collect()
    }

    fn blocks(&self) -> String {
        let server = self.server.iter().map(server::Explained::block);
        let provider = self.provider.iter().map(provider::Explained::block);
        server.chain(provider).collect::<Vec<_>>().join("\n")
    }
}

fn chosen(word: Option<&str>, drivers: &Registry) -> Result<Chosen> {
    let Some(word) = word else {
        return Ok(Chosen {
            server: server::all(drivers),
            provider: provider::all(drivers),
        });
    };
    let path = word.replace('.', "/");
    let path = path.trim_start_matches('/');
    // whose it is may be said before it
    let (of_server, of_provider) = match path.split_once('/') {
        Some(("server", rest)) => (Some(rest), None),
        Some(("provider", rest)) => (None, Some(rest)),
        _ => (Some(path), Some(path)),
    };
    let found = Chosen {
        server: of_server.map_or_else(Vec::new, |path| server::find(path, drivers)),
        provider: of_provider.map_or_else(Vec::new, |path| provider::find(path, drivers)),
    };
    if !found.server.is_empty() || !found.provider.is_empty() {
        return Ok(found);
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    let server = of_server.map_or_else(Vec::new, |_| server::names());
    let provider = of_provider.map_or_else(Vec::new, |_| provider::names(drivers));
    let mut near = suggest::near(last, server.into_iter().chain(provider));
    near.dedup();
    let way_out = if near.is_empty() {
        "`va-driver explain` lists all of them".to_owned()
    } else {
        format!("did you mean {}", near.join(" or "))
    };
    let whose = match (of_server, of_provider) {
        (Some(_), None) => "a server has no member",
        (None, Some(_)) => "a provider has no member",
        _ => "neither a server nor a provider has a member",
    };
    let message = format!("{whose} {word:?}; {way_out}");
    Err(Error::new(Kind::NotFound, message))
}

/// A row of what is said of a member, where there is something to say.
fn row(text: &mut String, what: &str, words: &str) {
    if !words.is_empty() {
        text.push_str(&wrapped_on_stdout(
            &format!("  {what:14} {words}"),
            "                 ",
        ));
        text.push('\n');
    }
}

/// What is said of the member at `path`, in a line, or as few as the terminal has room for.
fn line(path: &str, words: &str) -> String {
    wrapped_on_stdout(&format!("{path:24} {words}"), "    ") + "\n"
}

#[cfg(test)]
mod tests;
