use std::collections::VecDeque;

use super::*;
use crate::driver::template_vars::Vars;
use crate::driver::{
    Context, Driver, FieldType, Network, Provider, ProviderMembers, Registry, Step,
    provider_members,
};
use crate::transaction::Cancel;

provider_members! {
    taken {
        POOL = "pool": "the storage pool";
    }
    refused {}
    passed_over {}
}

/// A driver whose host has two networks and refuses the provider `wrong`.
#[derive(Debug)]
struct Host;

impl Driver for Host {
    fn driver_id(&self) -> &'static str {
        "host"
    }

    fn friendly_name(&self) -> &'static str {
        "Host"
    }

    fn steps(&self) -> Vec<Step> {
        vec![
            Step::new("Provider info")
                .field("provider_name", "Name", FieldType::Str)
                .field("password", "Password", FieldType::Str)
                .field("host_protocol", "Protocol", FieldType::Options)
                .choices("host_protocol", &["plain", "tls"]),
            Step::new("Network").field("network", "Network", FieldType::Options),
            Step::new("Done").blank_field("location", "Location", FieldType::Str),
        ]
    }

    fn provider_members(&self) -> &'static ProviderMembers {
        &MEMBERS
    }

    fn networks(&self, _cx: &Context, provider: &Provider) -> Result<Vec<Network>> {
        if provider.provider_name == "wrong" {
            return Err(Error::new(
                Kind::AuthFailed,
                "the host refuses the password",
            ));
        }
        if provider.provider_name == "empty" {
            return Ok(Vec::new());
        }
        let network = |name: &str, id: Option<&str>| Network {
            name: name.to_owned(),
            id: id.map(ToOwned::to_owned),
            active: true,
            kind: None,
            bridge: None,
            subnets: Vec::new(),
        };
        Ok(vec![network("a", None), network("b", Some("7"))])
    }

    fn render(
        &self,
        _: &Context,
        _: &Provider,
        _: Option<&str>,
        _: &Vars,
    ) -> Result<(String, String)> {
        Ok(("a: {driver: host}\n".into(), "p: {provider: a}\n".into()))
    }
}

/// Somebody whose answers are known beforehand.
#[derive(Default)]
struct Script {
    answers: VecDeque<&'static str>,
    said: String,
    secrets: usize,
}

impl Script {
    fn new(answers: &[&'static str]) -> Self {
        Self {
            answers: answers.iter().copied().collect(),
            ..Self::default()
        }
    }
}

impl Ask for Script {
    fn say(&mut self, text: &str) -> Result<()> {
        self.said.push_str(text);
        self.said.push('\n');
        Ok(())
    }

    fn line(&mut self, question: &str) -> Result<String> {
        self.say(question)?;
        self.answers
            .pop_front()
            .map(ToOwned::to_owned)
            .ok_or_else(|| terminal_error(&io::ErrorKind::UnexpectedEof.into()))
    }

    fn secret(&mut self, question: &str) -> Result<String> {
        self.secrets += 1;
        self.line(question)
    }
}

fn settings(dir: &std::path::Path) -> Settings {
    Settings {
        drivers: crate::drivers::registry(),
        salt_config_dir: dir.to_owned(),
        templates: dir.to_owned(),
        config_file: "/nonexistent/config.yaml".into(),
        state_dir: dir.to_owned(),
        cancel: Cancel::default(),
        own: crate::cli::own_config::OwnConfig::default(),
    }
}

fn service(dir: &std::path::Path) -> Service {
    let context = Context::below(dir);
    Service::new(Registry::new(vec![Arc::new(Host)]), context)
}

#[test]
fn every_field_is_asked_for_and_choices_go_by_number_or_name() {
    let mut script = Script::new(&["mine", "hunter2", "tls", "9", "2", ""]);
    let result = walk::walk(
        &service("/nonexistent".as_ref()),
        "host",
        Map::new(),
        &mut script,
    )
    .unwrap();
    assert_eq!(script.secrets, 1);
    assert_eq!(result["provider"]["provider_name"], "mine");
    assert_eq!(result["provider"]["host_protocol"], "tls");
    assert_eq!(result["provider"]["defaults"]["network"], "b");
    assert!(script.said.contains("that is none of them"));
    assert!(!script.said.contains("hunter2"));
}

#[test]
fn what_the_host_refuses_is_asked_again_with_what_was_entered() {
    let mut script = Script::new(&["wrong", "hunter2", "1", "right", "", "", "a", ""]);
    let result = walk::walk(
        &service("/nonexistent".as_ref()),
        "host",
        Map::new(),
        &mut script,
    )
    .unwrap();
    assert_eq!(result["provider"]["provider_name"], "right");
    assert_eq!(result["provider"]["password"], "hunter2");
    assert!(script.said.contains("refuses the password"));
    assert!(script.said.contains("Name [wrong]") && script.said.contains("Password [unchanged]"));
    assert!(!script.said.contains("hunter2"));
}

#[test]
fn the_end_of_input_ends_it() {
    let error = walk::walk(
        &service("/nonexistent".as_ref()),
        "host",
        Map::new(),
        &mut Script::new(&["mine"]),
    )
    .unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
}

#[test]
fn files_are_written_only_after_a_yes_and_replaced_only_after_another() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path());
    let finished = json!({"provider": {"driver_name": "host", "provider_name": "mine"}});
    let file = dir.path().join("cloud.providers.d/mine.conf");
    let read = || std::fs::read_to_string(&file).unwrap();
    let offer = |answers: &[&'static str]| {
        offer(
            &service(dir.path()),
            &settings,
            &finished,
            &mut Script::new(answers),
        )
        .unwrap();
    };
    offer(&["n"]);
    assert!(!file.exists());
    offer(&["y"]);
    assert!(read().contains("driver: host"));
    std::fs::write(&file, "theirs: {driver: x}\n").unwrap();
    offer(&["y", "n"]);
    assert!(read().starts_with("theirs"));
    offer(&["y", "yes"]);
    assert!(read().contains("driver: host"));
}

#[test]
fn what_must_be_filled_in_is_asked_until_it_is() {
    let mut script = Script::new(&["", " ", "mine", "", "hunter2", "1", "1", ""]);
    let result = walk::walk(
        &service("/nonexistent".as_ref()),
        "host",
        Map::new(),
        &mut script,
    )
    .unwrap();
    assert_eq!(result["provider"]["provider_name"], "mine");
    assert_eq!(script.said.matches("this must be filled in").count(), 3);
}

#[test]
fn where_there_is_nothing_to_choose_it_goes_back_or_ends() {
    let mut script = Script::new(&["empty", "hunter2", "1", "y", "mine", "", "", "a", ""]);
    let result = walk::walk(
        &service("/nonexistent".as_ref()),
        "host",
        Map::new(),
        &mut script,
    )
    .unwrap();
    assert_eq!(result["provider"]["provider_name"], "mine");
    assert!(
        script
            .said
            .contains("warning: Network: the host has none to choose from")
    );

    let mut script = Script::new(&["empty", "hunter2", "1", "n"]);
    let error = walk::walk(
        &service("/nonexistent".as_ref()),
        "host",
        Map::new(),
        &mut script,
    );
    assert_eq!(error.unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn settings_that_are_given_are_sent_and_not_asked_for() {
    let given = json!({"pool": "vms"}).as_object().unwrap().clone();
    let mut script = Script::new(&["mine", "hunter2", "1", "1", ""]);
    let result = walk::walk(
        &service("/nonexistent".as_ref()),
        "host",
        given,
        &mut script,
    )
    .unwrap();
    assert_eq!(result["provider"]["pool"], "vms");
    assert!(!script.said.contains("pool"));
}

#[test]
fn the_only_driver_needs_no_name() {
    assert_eq!(
        only_driver(&service("/nonexistent".as_ref())).unwrap(),
        "host"
    );
    let none = Service::new(Registry::new(Vec::new()), Context::below("/nonexistent"));
    assert_eq!(only_driver(&none).unwrap_err().field(), Some("/driver_id"));
}
