use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use inquire::InquireError;
use serde_json::{Map, Value, json};

use super::prompt::{Ask, judge};
use super::*;
use crate::driver::template_vars::Vars;
use crate::driver::{
    Context, Driver, Field, FieldType, Network, Provider, ProviderMembers, Registry, Step,
    StepResult, provider_members,
};

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
                .blank_field("password", "Password", FieldType::Str)
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
        if provider.password.is_none() {
            return Err(Error::invalid(
                "/provider/password",
                "the host wants a password",
            ));
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

/// Somebody whose answers are known beforehand. `<` goes back, nothing takes what is there.
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

    fn next(&mut self, question: &str) -> Result<Option<&'static str>> {
        self.say(question)?;
        let interrupted = InquireError::OperationInterrupted;
        let answer = self.answers.pop_front().ok_or(interrupted)?;
        Ok(Some(answer).filter(|answer| *answer != "<"))
    }
}

impl Ask for Script {
    fn say(&mut self, text: &str) -> Result<()> {
        self.said.push_str(text);
        self.said.push('\n');
        Ok(())
    }

    fn text(&mut self, field: &Field, before: &str, _: &[String]) -> Result<Option<String>> {
        loop {
            let Some(entered) = self.next(&format!("{} [{before}]", field.name))? else {
                return Ok(None);
            };
            let entered = match entered {
                "" => before.to_owned(),
                "emptied" => String::new(),
                other => other.to_owned(),
            };
            match judge(field, &entered) {
                Ok(()) => return Ok(Some(entered)),
                Err(message) => self.say(&message)?,
            }
        }
    }

    fn secret(&mut self, field: &Field) -> Result<Option<String>> {
        self.secrets += 1;
        self.text(field, "", &[])
    }

    fn choose(
        &mut self,
        question: &str,
        _: Option<&str>,
        choices: &[String],
        at: usize,
    ) -> Result<Option<usize>> {
        let Some(answer) = self.next(question)? else {
            return Ok(None);
        };
        self.say(&choices.join("\n"))?;
        let found = choices.iter().position(|one| one.starts_with(answer));
        Ok(Some(match answer {
            "" => at,
            _ => found.unwrap_or_else(|| panic!("{answer} is none of {choices:?}")),
        }))
    }
}

fn service(dir: &Path) -> Service {
    let context = Context::below(dir);
    Service::new(Registry::new(vec![Arc::new(Host)]), context)
}

/// The provider that comes of `answers`, and what was said.
fn walked(given: Value, answers: &[&'static str]) -> (Result<Value>, Script) {
    let service = service("/nonexistent".as_ref());
    let mut script = Script::new(answers);
    let given: Map<String, Value> = given.as_object().unwrap().clone();
    let mut walk = Walk::new(&service, "host", given).unwrap();
    let result = walk.run(&mut script).map(|result| json!(result.provider));
    (result, script)
}

#[test]
fn every_field_is_asked_for_and_no_secret_is_shown() {
    let (result, script) = walked(json!({}), &["mine", "hunter2", "tls", "b", ""]);
    let provider = result.unwrap();
    assert_eq!(script.secrets, 1);
    assert_eq!(provider["provider_name"], "mine");
    assert_eq!(provider["host_protocol"], "tls");
    assert_eq!(provider["defaults"]["network"], "b");
    assert!(!script.said.contains("hunter2"));
}

#[test]
fn one_goes_back_and_forth_and_an_answer_can_be_emptied() {
    // from the protocol to the name, where it ends; later into the step before
    let answers = [
        "mine", "hunter2", "<", "<", "<", "other", "enter", "hunter3", "plain", "b", "<", "<",
        "tls", "a", "emptied",
    ];
    let (result, script) = walked(json!({"location": "Vienna"}), &answers);
    let provider = result.unwrap();
    assert!(
        script.said.contains("this is the first question"),
        "{}",
        script.said
    );
    assert_eq!(provider["provider_name"], "other");
    assert_eq!(provider["password"], "hunter3");
    assert_eq!(provider["host_protocol"], "tls");
    assert_eq!(provider["defaults"]["network"], "a");
    assert_eq!(provider.get("location"), None, "{provider}");
}

#[test]
fn what_the_host_refuses_of_a_field_is_asked_alone_and_what_it_refuses_at_all_by_choice() {
    let (result, script) = walked(json!({}), &["mine", "", "tls", "hunter2", "a", ""]);
    assert_eq!(result.unwrap()["password"], "hunter2");
    assert!(script.said.contains("the host wants a password"));

    let answers = [
        "wrong",
        "hunter2",
        "tls",
        "change",
        "Name: wrong",
        "right",
        "a",
        "",
    ];
    let (result, script) = walked(json!({}), &answers);
    let provider = result.unwrap();
    assert_eq!(provider["provider_name"], "right");
    assert_eq!(provider["password"], "hunter2");
    assert!(script.said.contains("refuses the password"));
    assert!(script.said.contains("Password: (not shown)"));
    assert!(!script.said.contains("hunter2"));
}

#[test]
fn the_end_of_input_ends_it() {
    let (result, _) = walked(json!({}), &["mine"]);
    assert_eq!(result.unwrap_err().kind(), Kind::Cancelled);
}

#[test]
fn a_value_is_judged_where_it_is_entered() {
    let (result, script) = walked(json!({}), &["", " ", "../x", "mine", "p", "tls", "a", ""]);
    assert_eq!(result.unwrap()["provider_name"], "mine");
    assert_eq!(script.said.matches("Name must be filled in").count(), 2);
    assert_eq!(script.said.matches("Name [").count(), 4);
}

#[test]
fn where_there_is_nothing_to_choose_an_answer_is_changed_or_it_ends() {
    let warning = "warning: Network: the host has none to choose from";
    let begin = [
        "empty",
        "hunter2",
        "tls",
        "ask the host",
        "change",
        "Name",
        "mine",
        "a",
        "",
    ];
    let (result, script) = walked(json!({}), &begin);
    assert_eq!(result.unwrap()["provider_name"], "mine");
    assert_eq!(script.said.matches(warning).count(), 2);
    let (result, _) = walked(json!({}), &["empty", "hunter2", "tls", "end"]);
    assert_eq!(result.unwrap_err().kind(), Kind::Cancelled);
}

#[test]
fn settings_that_are_given_are_sent_and_not_asked_for() {
    let (result, script) = walked(json!({"pool": "vms"}), &["mine", "p", "tls", "a", ""]);
    assert_eq!(result.unwrap()["pool"], "vms");
    assert!(!script.said.contains("pool"));
}

/// What is offered at the end, with `answers` to it, after a form that is filled in.
fn offered(dir: &Path, file: Option<&Path>, answers: &[&'static str]) -> (Option<String>, Script) {
    let service = service(dir);
    let mut walk = Walk::new(&service, "host", Map::new()).unwrap();
    let filled = Script::new(&["mine", "hunter2", "tls", "a", ""]);
    let finished: StepResult = walk.run(&mut { filled }).unwrap();
    let places = Places {
        salt: dir.to_owned(),
        file: file.map(ToOwned::to_owned),
    };
    let mut script = Script::new(answers);
    let written = finish::offer(&service, &mut walk, &places, finished, &mut script).unwrap();
    (written.map(|(_, named)| named), script)
}

#[test]
fn what_was_entered_is_shown_and_can_be_changed_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cloud.providers.d/mine.conf");
    let (written, script) = offered(dir.path(), None, &["end"]);
    assert_eq!(written, None);
    assert!(!file.exists());
    for line in [
        "Name      mine",
        "Password  (not shown)",
        "Protocol  tls",
        "Location  -",
    ] {
        assert!(script.said.contains(line), "{line}: {}", script.said);
    }
    let answers = ["change", "Name", "other", "write it into Salt"];
    let (written, script) = offered(dir.path(), None, &answers);
    assert_eq!(written.as_deref(), Some("--provider other"));
    assert!(script.said.contains("Name      other"));
    assert!(!file.exists() && file.with_file_name("other.conf").exists());
}

#[test]
fn files_are_replaced_only_after_a_yes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cloud.providers.d/mine.conf");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let theirs = "theirs: {driver: x}\n";
    fs::write(&file, theirs).unwrap();
    assert_eq!(offered(dir.path(), None, &["", "no", "end"]).0, None);
    assert_eq!(fs::read_to_string(&file).unwrap(), theirs);
    assert!(offered(dir.path(), None, &["", "yes"]).0.is_some());
    assert!(fs::read_to_string(&file).unwrap().contains("driver: host"));
}

#[test]
fn where_salts_configuration_cannot_be_written_nothing_is_lost_and_a_file_takes_it() {
    let dir = tempfile::tempdir().unwrap();
    let blocked = dir.path().join("blocked");
    fs::write(&blocked, "").unwrap();
    let file = dir.path().join("mine.yaml");
    let (written, script) = offered(&blocked, Some(&file), &["write it into Salt", "", ""]);
    assert_eq!(
        written.unwrap(),
        format!("--provider-file {}", file.display())
    );
    assert_eq!(script.said.matches("Name      mine").count(), 2);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("provider_name: mine") && text.contains("hunter2"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_form_of_a_server_is_asked_again_until_it_is_created() {
    let fields = vec![Field::new("shelf", "Shelf", FieldType::Str, false)];
    let mut script = Script::new(&["yes", "web", "left", "yes", "web-1", "", "no"]);
    let tries = std::cell::RefCell::new(Vec::new());
    finish::server(fields, &mut script, |server| {
        tries.borrow_mut().push(json!(server));
        match tries.borrow().len() {
            1 => Err(Error::new(Kind::AlreadyExists, "web is there")),
            _ => Ok(()),
        }
    })
    .unwrap();
    let second = json!({"server_name": "web-1", "shelf": "left"});
    assert_eq!(tries.take()[1], second);
    assert!(script.said.contains("error: web is there"));
}

#[test]
fn the_only_driver_needs_no_name() {
    assert_eq!(
        pick_driver(&service("/nonexistent".as_ref())).unwrap(),
        "host"
    );
    let none = Service::new(Registry::new(Vec::new()), Context::below("/nonexistent"));
    assert_eq!(pick_driver(&none).unwrap_err().kind(), Kind::NotFound);
}
