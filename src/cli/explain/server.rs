//! A member of a server, and what each driver does with it.

use indexmap::IndexMap;
use serde::Serialize;

use super::row;
use crate::cli::output::wrapped_on_stdout;
use crate::driver::members::{self, Member, Treatment, server_members};
use crate::driver::{Driver, Registry};

/// A member, and what each driver does with it.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    #[serde(flatten)]
    member: &'static Member,
    drivers: IndexMap<String, Treatment>,
}

/// Every member of a server.
pub(super) fn all(drivers: &Registry) -> Vec<Explained> {
    explain(server_members(), drivers)
}

/// Those that `words` may mean.
pub(super) fn find(words: &str, drivers: &Registry) -> Vec<Explained> {
    explain(members::find(words), drivers)
}

/// Every name of every member.
pub(super) fn names() -> Vec<&'static str> {
    server_members().iter().flat_map(Member::names).collect()
}

fn explain(
    members: impl IntoIterator<Item = &'static Member>,
    drivers: &Registry,
) -> Vec<Explained> {
    let explain = |member: &'static Member| {
        let drivers = drivers.own().map(|driver| {
            let treatment = driver.server_members().treatment(&member.path);
            (driver.driver_id().to_owned(), treatment)
        });
        Explained {
            member,
            drivers: drivers.collect(),
        }
    };
    members.into_iter().map(explain).collect()
}

impl Explained {
    /// In a line.
    pub(super) fn line(&self) -> String {
        super::line(&self.member.path, &self.member.about)
    }

    /// In full.
    pub(super) fn block(&self) -> String {
        let member = self.member;
        let about = wrapped_on_stdout(&format!("  {}", member.about), "  ");
        let mut text = format!("{}\n{about}\n", member.path);
        row(&mut text, "takes", &takes(member));
        row(&mut text, "for example", &example(member));
        row(&mut text, "also called", &member.synonyms.join(", "));
        row(&mut text, "in the shell", &shell(member));
        for (driver, treatment) in &self.drivers {
            row(&mut text, driver, &words(*treatment));
        }
        text
    }
}

/// The ids of those of `drivers` that take `member`.
pub(in crate::cli) fn takers<'a>(member: &Member, drivers: &[&'a dyn Driver]) -> Vec<&'a str> {
    let takes =
        |driver: &&&dyn Driver| driver.server_members().treatment(&member.path) == Treatment::Taken;
    let taking = drivers.iter().filter(takes);
    taking.map(|driver| driver.driver_id()).collect()
}

/// What `member` takes, with its unit.
pub(in crate::cli) fn takes(member: &Member) -> String {
    let unit = member.unit.as_ref().map(|unit| format!(", in {unit}"));
    format!("{}{}", member.kind, unit.unwrap_or_default())
}

/// A value of `member`, where one is declared.
pub(super) fn example(member: &Member) -> String {
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
