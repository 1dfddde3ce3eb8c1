//! The manual pages: of each subcommand (section 1), and of the files that describe a server and a provider
//! (section 5).

use std::path::Path;
use std::process::ExitCode;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

use super::args::EXAMPLES;
use super::explain::provider::also_called;
use super::explain::server::{takers, takes};
use super::surroundings::{ENVIRONMENT, FILES, exit_codes};
use super::{generate, stdout};
use crate::Result;
use crate::driver::members::server_members;
use crate::driver::{Driver, Registry};

/// Prints the page of the program, or writes all pages into `output`.
pub(super) fn run(output: Option<&Path>, drivers: &Registry) -> Result<ExitCode> {
    let mut command = super::command();
    command.build();
    let Some(dir) = output else {
        stdout::write(&page(&command, &command))?;
        return Ok(ExitCode::SUCCESS);
    };
    let mut pages = vec![
        ("va-driver-server.5".to_owned(), server_page(drivers)),
        ("va-driver-provider.5".to_owned(), provider_page(drivers)),
    ];
    pages_of(&command, &command, &mut pages);
    generate::write_into(dir, pages)
}

/// The pages of `command` and of those below it.
fn pages_of(command: &Command, root: &Command, pages: &mut Vec<(String, String)>) {
    pages.push((format!("{}.1", page_name(command)), page(command, root)));
    let below = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set() && below.get_name() != "help");
    for below in below {
        pages_of(below, root, pages);
    }
}

fn page_name(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    name.replace(' ', "-")
}

fn page(command: &Command, root: &Command) -> String {
    let is_root = command.get_name() == root.get_name();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    // writing to a Vec does not fail
    let _ = man.render_title(&mut page);
    let _ = man.render_name_section(&mut page);
    let _ = man.render_synopsis_section(&mut page);
    let _ = man.render_description_section(&mut page);
    let _ = man.render_options_section(&mut page);
    if command.has_subcommands() {
        let _ = man.render_subcommands_section(&mut page);
    }
    let mut more = Roff::new();
    if is_root {
        let examples = EXAMPLES.lines().map(str::trim_start);
        as_it_is(&mut more, "EXAMPLES", examples);
    }
    let codes = exit_codes()
        .into_iter()
        .map(|(code, about)| (code.to_string(), about));
    terms(&mut more, "EXIT STATUS", codes);
    terms(&mut more, "ENVIRONMENT", ENVIRONMENT);
    terms(&mut more, "FILES", FILES);
    let mut others: Vec<String> = command
        .get_subcommands()
        .filter(|below| below.get_name() != "help")
        .map(|below| format!("{}(1)", page_name(below)))
        .collect();
    if !is_root {
        others.insert(0, "va-driver(1)".to_owned());
    }
    others.extend(["va-driver-server(5)", "va-driver-provider(5)"].map(str::to_owned));
    see_also(&mut more, &others.join(", "));
    String::from_utf8_lossy(&page).into_owned() + &more.render()
}

/// A section of terms, and what is said of each.
fn terms<T: Into<String>>(
    page: &mut Roff,
    heading: &str,
    terms: impl IntoIterator<Item = (T, &'static str)>,
) {
    page.control("SH", [heading]);
    for (term, about) in terms {
        page.control("TP", [])
            .text([bold(term)])
            .text([roman(about)]);
    }
}

fn see_also(page: &mut Roff, others: &str) {
    page.control("SH", ["SEE ALSO"]).text([roman(others)]);
}

/// A page of section 5 with its first sections.
fn file_page(name: &str, about: &str, what: &str, example: &str) -> Roff {
    let mut page = Roff::new();
    page.control("TH", [name, "5"])
        .control("SH", ["NAME"])
        .text([roman(format!("{name} - {about}"))])
        .control("SH", ["DESCRIPTION"])
        .text([roman(what)]);
    as_it_is(&mut page, "EXAMPLE", example.lines());
    page
}

/// A section of lines that stay as they are.
fn as_it_is<'a>(page: &mut Roff, heading: &str, lines: impl Iterator<Item = &'a str>) {
    page.control("SH", [heading]).control("nf", []);
    for line in lines {
        page.text([roman(line)]);
    }
    page.control("fi", []);
}

/// The other names of a member, where it has any.
fn also(page: &mut Roff, names: &str) {
    if !names.is_empty() {
        page.text([roman("Also called: "), italic(names), roman(".")]);
    }
}

fn server_page(drivers: &Registry) -> String {
    let what = "A mapping of YAML or JSON, which server create --spec and server plan --spec read, and which programs \
                send as the member server. Several servers are a list of such mappings, or documents of YAML. What \
                is left out is left to the provider and its host. Any other member is refused. server new \
                prints one to begin with.";
    let example = "server_name: web-1\nimage: debian-12.qcow2\nsize: va-small\nnetworks: [default]\n\
                   disks:\n  - size: 20\nminion:\n  master: 192.0.2.1";
    let mut page = file_page("va-driver-server", "what describes a server", what, example);
    page.control("SH", ["MEMBERS"]);
    let own: Vec<&dyn Driver> = drivers.own().map(|driver| &**driver).collect();
    for member in server_members() {
        page.control("TP", []).text([
            bold(member.path.replace('/', ".")),
            roman(format!(" ({})", takes(member))),
        ]);
        let required = if member.required {
            " It must be there."
        } else {
            ""
        };
        page.text([roman(format!("{}{required}", member.about))]);
        let taking = takers(member, &own);
        if taking.len() < own.len() {
            page.text([roman(format!("Taken by: {}.", taking.join(", ")))]);
        }
        also(&mut page, &member.synonyms.join(", "));
    }
    terms(
        &mut page,
        "FILES",
        [("FILE", "any, named by --spec; - is standard input")],
    );
    see_also(
        &mut page,
        "va-driver-server-create(1), va-driver-server-new(1), va-driver-provider(5)",
    );
    page.render()
}

fn provider_page(drivers: &Registry) -> String {
    let what = "A mapping of YAML or JSON that says what a host or cloud is reached by, and what its servers get that \
                name nothing else. --provider-file reads it, and in Salt's cloud.providers.d it stands below its \
                name, with driver: va_libvirt or va_openstack. Other members are Salt's or a dashboard's and passed \
                over, unless they are a slip of the hand for one of these. provider show prints one, wizard \
                asks for one.";
    let example = "driver_name: libvirt\nprovider_name: kvm1\nuri: qemu+tls://kvm1.example/system\npool: default\n\
                   defaults:\n  network: default\n  size: va-small";
    let mut page = file_page(
        "va-driver-provider",
        "what describes a provider",
        what,
        example,
    );
    for driver in drivers.own() {
        page.control(
            "SH",
            [format!("MEMBERS OF {}", driver.driver_id().to_uppercase()).as_str()],
        );
        for member in driver.provider_members().taken {
            page.control("TP", [])
                .text([bold(member.name)])
                .text([roman(member.about)]);
            also(&mut page, &also_called(member).join(", "));
        }
    }
    terms(
        &mut page,
        "FILES",
        [(
            "/etc/salt/cloud.providers.d/*.conf",
            "providers of Salt's, which --provider names",
        )],
    );
    see_also(
        &mut page,
        "va-driver-provider-write(1), va-driver-wizard(1), va-driver-server(5)",
    );
    page.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_says_what_comes_back_and_where_to_read_on() {
        let mut command = crate::cli::command();
        command.build();
        let mut pages = Vec::new();
        pages_of(&command, &command, &mut pages);
        let names: Vec<_> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert!(
            names.contains(&"va-driver.1") && names.contains(&"va-driver-server-create.1"),
            "{names:?}"
        );
        for (name, page) in &pages {
            for section in ["\"EXIT STATUS\"", "ENVIRONMENT", "FILES", "\"SEE ALSO\""] {
                assert!(
                    page.contains(&format!(".SH {section}\n")),
                    "{name} {section}"
                );
            }
        }
        let registry = crate::drivers::registry();
        assert!(server_page(&registry).contains("disks.size"));
        assert!(provider_page(&registry).contains("MEMBERS OF OPENSTACK"));
    }
}
