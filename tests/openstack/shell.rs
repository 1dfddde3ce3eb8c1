//! The cloud as a shell names it: `clouds.yaml` and the variables of other programs.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::common::openstack::OpenStack;
use crate::common::program;

/// `provider status` in a shell of its own.
fn status(home: &Path, arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> Output {
    let mut command = program(home);
    command
        .current_dir(home)
        .args(["provider", "status", "--json"])
        .args(arguments);
    prepare(&mut command);
    command.output().unwrap()
}

fn message(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["message"].as_str().unwrap().to_owned()
}

/// Files as other programs read them, the password in one of its own.
fn write_clouds(dir: &Path) {
    let bed = OpenStack::shared();
    fs::create_dir_all(dir).unwrap();
    let auth = |project: &str| {
        json!({
            "auth_url": bed.env("VA_OS_AUTH_URL"), "username": bed.env("VA_OS_USERNAME"),
            "project_name": bed.env(project),
            "user_domain_name": "Default", "project_domain_name": "Default",
        })
    };
    let clouds = json!({"clouds": {
        "lab": {"auth": auth("VA_OS_PROJECT"), "region_name": bed.env("VA_OS_REGION")},
        "tiny": {"auth": auth("VA_OS_PROJECT_SMALL"), "region_name": bed.env("VA_OS_REGION_OTHER")},
    }});
    let secret = json!({"auth": {"password": bed.env("VA_OS_PASSWORD")}});
    let secrets = json!({"clouds": {"lab": secret, "tiny": secret}});
    fs::write(dir.join("clouds.yaml"), clouds.to_string()).unwrap();
    fs::write(dir.join("secure.yaml"), secrets.to_string()).unwrap();
}

#[test]
fn a_cloud_is_found_by_its_name() {
    let home = tempfile::tempdir().unwrap();
    write_clouds(&home.path().join(".config/openstack"));
    let lab = "logged in as demo, project demo, region RegionOne";
    let tiny = "logged in as demo, project small, region RegionTwo";
    let asked = status(home.path(), &["--os-cloud", "lab"], |_| ());
    assert_eq!(message(&asked), lab);
    let other = OpenStack::shared().env("VA_OS_REGION_OTHER");
    let other = ["--os-cloud", "lab", "--region", other];
    // as by the openstack client: the cloud says which regions it has
    let refused = status(home.path(), &other, |_| ());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("none of the regions: RegionOne"), "{said}");
    let asked = status(home.path(), &[], |command| {
        command.env("OS_CLOUD", "tiny");
    });
    assert_eq!(message(&asked), tiny);
    // what is said on the command line counts before what is said around it
    let asked = status(home.path(), &["--os-cloud", "lab"], |command| {
        command
            .env("OS_CLOUD", "tiny")
            .env("VA_DRIVER_PROVIDER", "nobody");
    });
    assert_eq!(message(&asked), lab);
    let asked = status(home.path(), &["--uri", "test:///default"], |command| {
        command.env("OS_CLOUD", "tiny");
    });
    assert!(!message(&asked).contains("small"));
}

#[test]
fn a_cloud_that_is_not_there_is_told() {
    let home = tempfile::tempdir().unwrap();
    let output = status(home.path(), &["--os-cloud", "lab"], |_| ());
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/etc/openstack/clouds.yaml"));
    write_clouds(home.path());
    let output = status(home.path(), &["--os-cloud", "nowhere"], |_| ());
    assert_eq!(output.status.code(), Some(4));
    let said = String::from_utf8_lossy(&output.stderr).replace(char::is_whitespace, " ");
    assert!(said.contains("clouds.yaml has no cloud"), "{said}");
    assert!(said.contains("there are: lab, tiny"), "{said}");
}

#[test]
fn a_cloud_in_a_variable_has_its_password_from_another() {
    let bed = OpenStack::shared();
    let home = tempfile::tempdir().unwrap();
    write_clouds(home.path());
    // what the files leave out
    fs::remove_file(home.path().join("secure.yaml")).unwrap();
    let asked = status(home.path(), &[], |command| {
        command
            .env("OS_CLOUD", "lab")
            .env("OS_PASSWORD", bed.env("VA_OS_PASSWORD"));
    });
    assert!(message(&asked).ends_with("project demo, region RegionOne"));
}

#[test]
fn a_record_that_names_a_cloud_has_the_rest_of_it() {
    let bed = OpenStack::shared();
    let home = tempfile::tempdir().unwrap();
    write_clouds(&home.path().join(".config/openstack"));
    let file = home.path().join("provider.yaml");
    let ask = |record: Value| {
        fs::write(&file, record.to_string()).unwrap();
        status(
            home.path(),
            &["--provider-file", file.to_str().unwrap()],
            |_| (),
        )
    };
    let asked = ask(json!({"driver": "openstack", "cloud": "tiny"}));
    assert_eq!(
        message(&asked),
        "logged in as demo, project small, region RegionTwo"
    );
    let asked = ask(json!({
        "driver": "openstack", "cloud": "tiny", "region_name": bed.env("VA_OS_REGION"),
        "auth": {"project_id": bed.demo().project_id},
    }));
    assert_eq!(
        message(&asked),
        "logged in as demo, project demo, region RegionOne"
    );
    for (record, why) in [
        (
            json!({"driver": "openstack", "cloud": "nowhere"}),
            "lab, tiny",
        ),
        (
            json!({"driver": "openstack", "cloud": "tiny", "password": "x"}),
            "password",
        ),
    ] {
        let refused = ask(record);
        assert!(!refused.status.success());
        let said = String::from_utf8_lossy(&refused.stderr).replace(char::is_whitespace, " ");
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn the_variables_of_other_programs_are_read() {
    let bed = OpenStack::shared();
    let home = tempfile::tempdir().unwrap();
    let asked = status(home.path(), &[], |command| {
        command
            .env("OS_AUTH_URL", bed.env("VA_OS_AUTH_URL"))
            .env("OS_USERNAME", bed.env("VA_OS_USERNAME"))
            .env("OS_PASSWORD", bed.env("VA_OS_PASSWORD"))
            .env("OS_PROJECT_NAME", bed.env("VA_OS_PROJECT"))
            .env("OS_USER_DOMAIN_ID", "default")
            .env("OS_PROJECT_DOMAIN_NAME", "Default")
            .env("OS_REGION_NAME", bed.env("VA_OS_REGION"));
    });
    assert_eq!(
        message(&asked),
        "logged in as demo, project demo, region RegionOne"
    );
}
