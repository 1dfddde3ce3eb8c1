//! What a member of a server is: for people, for programs, and as the page of the documentation. All of
//! it comes from the table of members and from what the drivers say that they take.

use std::fmt::Write as _;
use std::process::ExitCode;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::json;

use super::args::ExplainArgs;
use super::output::{self, Format};
use super::stdout;
use crate::decode::suggest;
use crate::driver::members::{Member, ServerMembers, Treatment, find, server_members};
use crate::drivers::registry;
use crate::{Error, Kind, Result};

/// A member, and what each driver does with it.
#[derive(Debug, Serialize)]
struct Explained {
    #[serde(flatten)]
    member: &'static Member,
    drivers: IndexMap<&'static str, Treatment>,
}

impl Explained {
    fn new(member: &'static Member) -> Self {
        let drivers = drivers().map(|(id, members)| (id, members.treatment(&member.path)));
        Self {
            member,
            drivers: drivers.collect(),
        }
    }
}

fn drivers() -> impl Iterator<Item = (&'static str, ServerMembers)> {
    let all: Vec<_> = registry()
        .iter()
        .map(|driver| (driver.driver_id(), driver.server_members()))
        .collect();
    all.into_iter()
}

/// Explains the member that `args` name, else says a line of each.
pub(super) fn run(args: &ExplainArgs, format: Format) -> Result<ExitCode> {
    let text = if args.markdown {
        page()
    } else {
        let members: Vec<_> = chosen(args.member.as_deref())?
            .into_iter()
            .map(Explained::new)
            .collect();
        match format {
            Format::Table if args.member.is_none() => members.iter().map(line).collect(),
            Format::Table => members.iter().map(block).collect::<Vec<_>>().join("\n"),
            _ => output::result(&json!({"members": members}), format),
        }
    };
    stdout::write(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn chosen(word: Option<&str>) -> Result<Vec<&'static Member>> {
    let Some(word) = word else {
        return Ok(server_members().iter().collect());
    };
    let found = find(word);
    if !found.is_empty() {
        return Ok(found);
    }
    let last = word.rsplit('/').next().unwrap_or_default();
    let names = server_members().iter().flat_map(Member::names);
    let mut near = suggest::near(last, names);
    near.dedup();
    let way_out = if near.is_empty() {
        "`va-driver explain` lists all of them".to_owned()
    } else {
        format!("did you mean {}", near.join(" or "))
    };
    let message = format!("a server has no member {word:?}; {way_out}");
    Err(Error::new(Kind::NotFound, message))
}

fn line(explained: &Explained) -> String {
    let member = explained.member;
    format!("{:24} {}\n", member.path, member.about)
}

fn block(explained: &Explained) -> String {
    let member = explained.member;
    let mut text = format!("{}\n  {}\n", member.path, member.about);
    let mut row = |what: &str, words: String| {
        if !words.is_empty() {
            // writing to a String does not fail
            let _ = writeln!(text, "  {what:14} {words}");
        }
    };
    row("takes", takes(member));
    row("for example", example(member));
    row("also called", member.synonyms.join(", "));
    row("in the shell", shell(member));
    for (driver, treatment) in &explained.drivers {
        row(driver, words(*treatment));
    }
    text
}

fn takes(member: &Member) -> String {
    let unit = member.unit.as_ref().map(|unit| format!(", in {unit}"));
    format!("{}{}", member.kind, unit.unwrap_or_default())
}

fn example(member: &Member) -> String {
    let example = member.example.as_ref();
    example.map(ToString::to_string).unwrap_or_default()
}

fn shell(member: &Member) -> String {
    let option = member.option.as_ref();
    option.map_or_else(String::new, |option| format!("server create {option}"))
}

fn words(treatment: Treatment) -> String {
    match treatment {
        Treatment::Taken => "takes it".to_owned(),
        Treatment::PassedOver(why) => format!("passes it over: {why}"),
        Treatment::Refused(None) => "refuses it".to_owned(),
        Treatment::Refused(Some(why)) => format!("refuses it: {why}"),
    }
}

/// `docs/members.md`.
fn page() -> String {
    let ids: Vec<_> = drivers().map(|(id, _)| id).collect();
    let mut page = format!(
        "# The members of a server\n\n\
         Made by `va-driver explain --markdown`; `va-driver explain MEMBER` says the same of one. A driver \
         refuses by name what it does not take (blank below). `x/y` is the member `y` of the object, or of \
         each object in the list, `x`; a member in bold must be there.\n\n\
         | member | takes | what it is | also called | `server create` | {} |\n|{}\n",
        ids.join(" | "),
        "---|".repeat(5 + ids.len())
    );
    for member in server_members() {
        let codes = |names: &[String]| -> String {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        let mark = if member.required { "**" } else { "" };
        let option = codes(member.option.as_slice());
        let about = match example(member) {
            none if none.is_empty() => member.about.clone(),
            example => format!("{} `{example}`", member.about),
        };
        let _ = write!(
            page,
            "| {mark}`{}`{mark} | {} | {} | {} | {option} |",
            member.path,
            takes(member),
            about.replace('|', "\\|"),
            codes(&member.synonyms),
        );
        for (_, members) in drivers() {
            let taken = match members.treatment(&member.path) {
                Treatment::Taken => "yes",
                Treatment::PassedOver(_) => "passed over",
                Treatment::Refused(_) => "",
            };
            let _ = write!(page, " {taken} |");
        }
        page.push('\n');
    }
    for (id, members) in drivers() {
        let _ = writeln!(page, "\n## What {id} does not take, and why");
        for (path, why) in members.passes_over {
            let _ = writeln!(page, "- `{path}` is passed over: {why}");
        }
        for (path, why) in members.refuses {
            let _ = writeln!(page, "- `{path}`: {why}");
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_explained_by_any_of_its_names() {
        let texts: Vec<_> = ["flavor", "/server/size"]
            .iter()
            .map(|word| block(&Explained::new(chosen(Some(word)).unwrap()[0])))
            .collect();
        assert_eq!(texts[0], texts[1]);
        for words in [
            "flavor, flavour",
            "server create --size",
            "libvirt",
            "takes it",
        ] {
            assert!(texts[0].contains(words), "{}", texts[0]);
        }
    }

    #[test]
    fn one_that_is_unknown_is_not_found_and_near_names_are_said() {
        for (word, message) in [
            ("storag_disk", "did you mean storage_disk"),
            ("/server/networks/0/mcvtap", "did you mean macvtap"),
            ("qqqqqqqqqq", "lists all of them"),
        ] {
            let error = chosen(Some(word)).unwrap_err();
            assert_eq!(error.kind(), Kind::NotFound);
            assert!(error.message().contains(message), "{error}");
        }
    }
}
