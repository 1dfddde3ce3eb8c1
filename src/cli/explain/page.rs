//! `docs/members.md`.

use std::fmt::Write as _;

use super::{provider, server};
use crate::driver::members::{Treatment, server_members};
use crate::driver::{OtherMember, Registry};

/// All of the page.
pub(super) fn markdown(drivers: &Registry) -> String {
    let ids: Vec<_> = drivers.own().map(|driver| driver.driver_id()).collect();
    let mut page = format!(
        "# The members of a server and of a provider\n\n\
         Made by `va-driver explain --markdown`; `va-driver explain MEMBER` says the same of one.\n\n\
         ## A server's\n\n\
         A driver refuses by name what it does not take (blank below). `x/y` is the member `y` of the \
         object, or of each object in the list, `x`; a member in bold must be there.\n\n\
         | member | takes | what it is | also called | `server create` | {} |\n|{}\n",
        ids.join(" | "),
        "---|".repeat(5 + ids.len())
    );
    server_rows(&mut page, drivers);
    for driver in drivers.own() {
        let members = driver.server_members();
        // writing to a String does not fail
        let _ = writeln!(
            page,
            "\n### What {} does not take, and why",
            driver.driver_id()
        );
        for (path, why) in members.passes_over {
            let _ = writeln!(page, "- `{path}` is passed over: {why}");
        }
        for (path, why) in members.refuses {
            let _ = writeln!(page, "- `{path}`: {why}");
        }
    }
    provider_tables(&mut page, drivers);
    page
}

fn server_rows(page: &mut String, drivers: &Registry) {
    for member in server_members() {
        let mark = if member.required { "**" } else { "" };
        let about = match server::example(member) {
            none if none.is_empty() => member.about.clone(),
            example => format!("{} `{example}`", member.about),
        };
        let _ = write!(
            page,
            "| {mark}`{}`{mark} | {} | {} | {} | {} |",
            member.path,
            server::takes(member),
            cell(&about),
            codes(&member.synonyms),
            codes(member.option.as_slice()),
        );
        for driver in drivers.own() {
            let taken = match driver.server_members().treatment(&member.path) {
                Treatment::Taken => "yes",
                Treatment::PassedOver(_) => "passed over",
                Treatment::Refused(_) => "",
            };
            let _ = write!(page, " {taken} |");
        }
        page.push('\n');
    }
}

fn provider_tables(page: &mut String, drivers: &Registry) {
    page.push_str(
        "\n## A provider's\n\n\
         Any other member of a record is Salt's or a dashboard's and passed over, unless it is a slip of the \
         hand for one of these.\n",
    );
    for driver in drivers.own() {
        let members = driver.provider_members();
        let _ = writeln!(
            page,
            "\n### What {} reads\n\n| member | what it is | also called |\n|---|---|---|",
            driver.driver_id()
        );
        for member in members.taken {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} |",
                member.name,
                cell(member.about),
                codes(&provider::also_called(member))
            );
        }
        let others = |page: &mut String, others: &[OtherMember], how: &str| {
            for other in others {
                let _ = writeln!(page, "- `{}` is {how}: {}", other.name, other.why);
            }
        };
        page.push('\n');
        others(page, members.refused, "refused");
        others(page, members.passed_over, "passed over");
    }
}

/// `text` as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn codes<T: AsRef<str>>(names: &[T]) -> String {
    let names = names.iter().map(|name| format!("`{}`", name.as_ref()));
    names.collect::<Vec<_>>().join(", ")
}
