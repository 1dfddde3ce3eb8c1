use std::process::{Command, Output};

use virt::connect::Connect;
use virt::error::ErrorNumber;

use super::soname::PATH_VARIABLE;
use super::{Kind, StatValue, Version, available, dhcp_leases, domain_stats};

/// Runs one of the ignored tests below in a process of its own: which libraries a process has
/// loaded cannot be told where other tests have used libvirt.
fn alone(test: &str, library: Option<&str>) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        &format!("drivers::libvirt::loader::tests::{test}"),
        "--ignored",
    ]);
    command.env_remove(PATH_VARIABLE);
    if let Some(library) = library {
        command.env(PATH_VARIABLE, library);
    }
    command.output().unwrap()
}

fn assert_passed(output: &Output) {
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn libvirt_is_mapped() -> bool {
    std::fs::read_to_string("/proc/self/maps")
        .unwrap()
        .contains("/libvirt.so")
}

#[test]
fn loads_on_first_use() {
    assert_passed(&alone("child_loads_on_first_use", None));
}

#[test]
#[ignore = "run in a process of its own by loads_on_first_use"]
fn child_loads_on_first_use() {
    assert!(!libvirt_is_mapped(), "this program is linked to libvirt");
    let connection = Connect::open(Some("test:///default")).unwrap();
    assert!(libvirt_is_mapped());
    assert_eq!(connection.list_domains().unwrap().len(), 1);
}

#[test]
fn says_what_is_missing() {
    assert_passed(&alone(
        "child_says_what_is_missing",
        Some("/nonexistent/libvirt.so.0"),
    ));
}

#[test]
#[ignore = "run in a process of its own by says_what_is_missing"]
fn child_says_what_is_missing() {
    virt::error::clear_error_callback();
    let error = Connect::open(Some("test:///default")).unwrap_err();
    assert!(error.message().contains("could not be loaded"), "{error}");
    assert!(
        error.message().contains("/nonexistent/libvirt.so.0"),
        "{error}"
    );
    assert!(error.message().contains("libvirt0"), "{error}");
    assert!(
        Connect::version()
            .unwrap_err()
            .message()
            .contains("libvirt0")
    );
    assert_eq!(available().unwrap_err().kind(), Kind::Unsupported);
}

#[test]
fn a_library_without_the_function_says_so() {
    assert_passed(&alone(
        "child_a_library_without_the_function_says_so",
        Some("libc.so.6"),
    ));
}

#[test]
#[ignore = "run in a process of its own by a_library_without_the_function_says_so"]
fn child_a_library_without_the_function_says_so() {
    let error = Connect::open(Some("test:///default")).unwrap_err();
    assert!(error.message().contains("has no virConnectOpen"), "{error}");
}

#[test]
fn a_missing_function_without_a_result_leaves_no_error_to_others() {
    assert_passed(&alone(
        "child_a_missing_function_without_a_result_leaves_no_error_to_others",
        Some("libc.so.6"),
    ));
}

#[test]
#[ignore = "run in a process of its own by a_missing_function_without_a_result_leaves_no_error_to_others"]
fn child_a_missing_function_without_a_result_leaves_no_error_to_others() {
    // virSetErrorFunc
    virt::error::clear_error_callback();
    let error = virt::error::Error::last_error();
    assert!(error.message().contains("unknown"), "{error}");
}

#[test]
fn libvirts_own_errors_come_through() {
    virt::error::clear_error_callback();
    let connection = Connect::open(Some("test:///default")).unwrap();
    let error = connection.lookup_domain_by_name("nobody").unwrap_err();
    assert!(error.code().is(ErrorNumber::NoDomain), "{error}");
    assert!(error.message().contains("not found"), "{error}");
}

#[test]
fn tells_its_version() {
    assert!(available().unwrap() >= Version::from_number(6_000_000));
    assert_eq!(Version::from_number(10_007_001).to_string(), "10.7.1");
}

#[test]
fn all_domains_tell_their_state_at_once() {
    let connection = Connect::open(Some("test:///default")).unwrap();
    let stats = domain_stats(&connection, virt_sys::VIR_DOMAIN_STATS_STATE, 0, |_| true).unwrap();
    let test = stats.iter().find(|domain| domain.name == "test").unwrap();
    let uuid = connection
        .lookup_domain_by_name("test")
        .unwrap()
        .uuid_string()
        .unwrap();
    assert_eq!(test.uuid, uuid);
    // VIR_DOMAIN_RUNNING
    assert_eq!(test.values["state.state"], StatValue::Int(1));
    assert_eq!(test.values["state.state"].as_u64(), Some(1));
}

#[test]
fn a_host_without_leases_says_so() {
    virt::error::clear_error_callback();
    let connection = Connect::open(Some("test:///default")).unwrap();
    let network = connection.lookup_network_by_name("default").unwrap();
    let error = dhcp_leases(&network, Some("52:54:00:00:00:01")).unwrap_err();
    assert!(error.code().is(ErrorNumber::NoSupport), "{error}");
}
