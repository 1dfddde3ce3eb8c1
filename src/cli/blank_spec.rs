//! A specification to begin with: every member that a server may have, as a comment.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::Value;

use super::args::BlankArgs;
use super::explain::server::takers;
use super::output::wrapped;
use super::settings::Settings;
use super::stdout;
use crate::Result;
use crate::driver::Driver;
use crate::driver::members::{Member, server_members};

const HEAD: &str = "\
# A server, as `va-driver server create --spec FILE` reads it. What stands behind # is left to the provider and
# its host: take the # and the blank behind it away, and say what you want. Several servers are a list of such
# mappings, or documents with --- between them. `va-driver explain MEMBER` says more of each.
";
const WIDTH: usize = 110;

/// Prints it, for the drivers that `args` name or for all.
pub(super) fn run(args: &BlankArgs, settings: &Settings) -> Result<ExitCode> {
    let registry = &settings.drivers;
    let one = args
        .driver
        .as_deref()
        .map(|id| registry.get(id, "/driver_id"))
        .transpose()?;
    let own = registry.own();
    let drivers: Vec<&dyn Driver> = match &one {
        Some(driver) => vec![&**driver],
        None => own.map(|driver| &**driver).collect(),
    };
    let name = args.name.as_deref().unwrap_or("web-1");
    stdout::write(&text(name, &drivers))?;
    Ok(ExitCode::SUCCESS)
}

fn text(name: &str, drivers: &[&dyn Driver]) -> String {
    let mut text = format!("{HEAD}\nserver_name: {}\n", Value::from(name));
    for member in server_members()
        .iter()
        .filter(|member| member.path != "server_name")
    {
        let taking = takers(member, drivers);
        if taking.is_empty() {
            continue;
        }
        let only = if taking.len() < drivers.len() {
            format!(" ({} only)", taking.join(", "))
        } else {
            String::new()
        };
        let depth = member.path.matches('/').count();
        let margin = format!("#{}", "   ".repeat(depth));
        if depth == 0 {
            text.push('\n');
        }
        let about = wrapped(
            &format!("{margin}# {}{only}", member.about),
            Some(WIDTH),
            &format!("{margin}# "),
        );
        // writing to a String does not fail
        let _ = writeln!(
            text,
            "{about}\n{margin} {}{}",
            first_of_item(member),
            line(member)
        );
    }
    text
}

/// `- ` where `member` is the first of an object in a list, else what stands beneath it.
fn first_of_item(member: &Member) -> &'static str {
    let Some((above, _)) = member.path.rsplit_once('/') else {
        return "";
    };
    let below = format!("{above}/");
    let mut all = server_members().iter();
    let list = all.any(|other| other.path == above && other.kind.starts_with("list"));
    let mut all = server_members().iter();
    let first = all.find(|other| other.path.starts_with(&below));
    match (list, first.is_some_and(|first| first.path == member.path)) {
        (true, true) => "- ",
        (true, false) => "  ",
        _ => "",
    }
}

/// `member` with a value of its kind.
fn line(member: &Member) -> String {
    let value = match (&member.example, member.kind.as_str()) {
        (Some(example), _) => example.to_string(),
        _ if member.has_members => return format!("{}:", member.name()),
        (_, "whole number") => "0".to_owned(),
        (_, "true or false") => "true".to_owned(),
        (_, "object") => "{}".to_owned(),
        (_, kind) if kind.starts_with("list") => "[]".to_owned(),
        (_, kind) if kind.starts_with("one of ") => {
            let first = kind.trim_start_matches("one of ").split(',').next();
            first.unwrap_or_default().to_owned()
        }
        _ => "\"\"".to_owned(),
    };
    let unit = member.unit.as_ref().map(|unit| format!("  # {unit}"));
    format!("{}: {value}{}", member.name(), unit.unwrap_or_default())
}
