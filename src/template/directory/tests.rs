use std::fs;

use serde_json::{Map, Value, json};

use super::{Template, TemplateDirectory};
use crate::Kind;

fn map(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else {
        panic!("not a map")
    };
    map
}

/// The libvirt driver's own.
fn own(name: &str) -> Option<&'static str> {
    match name {
        "provider.conf" => Some(include_str!("../../../templates/libvirt/provider.conf")),
        "profile.conf" => Some(include_str!("../../../templates/libvirt/profile.conf")),
        _ => None,
    }
}

fn libvirt(templates: &TemplateDirectory, name: &str) -> crate::Result<Template> {
    templates.load_or("libvirt", name, || own(name).map(Into::into))
}

fn libvirt_variables() -> Map<String, Value> {
    map(json!({
        "VAR_PROVIDER_NAME": "kvm-1", "VAR_PROFILE_NAME": "kvm-1-small", "VAR_HOST_IP": "10.0.0.5",
        "VAR_HOST_PROTOCOL": "qemu+ssh", "VAR_URI": null, "VAR_USERNAME": "root",
        "VAR_PASSWORD": "a: \"b\" # {{ c }}", "VAR_LOCATION": "no", "VAR_POOL": "default",
        "VAR_VIRT_TYPE": null, "VAR_NETWORK": null, "VAR_IMAGE": "debian-12.qcow2", "VAR_SIZE": "small",
        "VAR_PKIPATH": null, "VAR_CONNECT_TIMEOUT": null, "VAR_TIMEOUT": null, "VAR_IMAGE_POOL": null, "VAR_SEED_POOL": null,
        "VAR_MACHINE": null, "VAR_FIRMWARE": null, "VAR_CPU": null, "VAR_GRAPHICS": null,
        "VAR_CONSOLE_LOG": null, "VAR_CURRENCY": null,
        "VAR_FLAVOURS": {"small": {"cpus": 1, "ram": 1024}},
    }))
}

#[test]
fn the_shipped_provider_renders() {
    let template = libvirt(&TemplateDirectory::shipped(), "provider.conf").unwrap();
    let text = template.render(&libvirt_variables()).unwrap();
    let expected = r#"# A libvirt host that servers are created on.
kvm-1:
  driver: "va_libvirt"
  host_ip: "10.0.0.5"
  host_protocol: "qemu+ssh"
  username: "root"
  password: "a: \"b\" \u0023 \u007b\u007b c \u007d\u007d"
  location: "no"
  pool: "default"
  image: "debian-12.qcow2"
  size: "small"
  flavours:
    small:
      cpus: 1
      ram: 1024
"#;
    assert_eq!(text, expected);
}

#[test]
fn every_shipped_template_renders_to_its_name() {
    // OpenStack's are rendered where their variables are made
    for name in ["provider.conf", "profile.conf"] {
        let template = libvirt(&TemplateDirectory::shipped(), name).unwrap();
        let text = template.render(&libvirt_variables()).unwrap();
        let tree: Value = serde_yaml::from_str(&text).unwrap();
        let top: Vec<_> = tree.as_object().unwrap().keys().collect();
        assert_eq!(
            top,
            [if name == "provider.conf" {
                "kvm-1"
            } else {
                "kvm-1-small"
            }]
        );
    }
}

#[test]
fn a_missing_variable_names_itself_and_the_template() {
    let template = libvirt(&TemplateDirectory::shipped(), "profile.conf").unwrap();
    let mut variables = libvirt_variables();
    variables.remove("VAR_IMAGE");
    let error = template.render(&variables).unwrap_err();
    assert!(
        error.message().contains("libvirt/profile.conf") && error.message().contains("VAR_IMAGE")
    );
}

#[test]
fn overrides_come_first_in_either_form() {
    let directory = tempfile::tempdir().unwrap();
    let templates = TemplateDirectory::with_overrides(directory.path());
    let driver = directory.path().join("libvirt");
    assert_eq!(
        libvirt(&templates, "profile.conf").unwrap().name(),
        "libvirt/profile.conf"
    );
    fs::create_dir(&driver).unwrap();
    fs::write(
        driver.join("profile.conf"),
        "# mine\n\n# too\nx: VAR_SIZE  # gone\n",
    )
    .unwrap();
    let text = libvirt(&templates, "profile.conf")
        .unwrap()
        .render(&libvirt_variables())
        .unwrap();
    assert_eq!(text, "# mine\n# too\nx: \"small\"\n");

    fs::write(
        driver.join("profile.conf.tera"),
        "# {{ VAR_SIZE }}\nx: {{ VAR_FLAVOURS | yaml }}\n",
    )
    .unwrap();
    assert_eq!(
        libvirt(&templates, "profile.conf").unwrap_err().kind(),
        Kind::Conflict
    );
    fs::remove_file(driver.join("profile.conf")).unwrap();
    let text = libvirt(&templates, "profile.conf")
        .unwrap()
        .render(&libvirt_variables())
        .unwrap();
    assert_eq!(
        text,
        "# \"small\"\nx:\n  small:\n    cpus: 1\n    ram: 1024\n"
    );
}

#[test]
fn names_do_not_leave_the_directory() {
    let templates = TemplateDirectory::with_overrides("/etc");
    for (driver, name) in [
        ("..", "passwd"),
        ("a/b", "c"),
        ("", "c"),
        ("libvirt", "../x"),
        ("libvirt", ".x"),
        ("é", "x"),
    ] {
        assert_eq!(
            templates
                .load_or(driver, name, || own(name).map(Into::into))
                .unwrap_err()
                .kind(),
            Kind::InvalidField,
            "{driver} {name}"
        );
    }
    assert_eq!(
        templates
            .load_or("nosuch", "provider.conf", || None)
            .unwrap_err()
            .kind(),
        Kind::NotFound
    );
}

#[test]
fn ambiguous_plain_words_and_other_documents_are_refused() {
    for (source, word) in [
        ("a:\n  deploy: no\n", "line 2"),
        ("- VAR_A\n", "mapping"),
        ("a: [\n", "YAML"),
    ] {
        let error = Template::new("t.conf", source)
            .render(&map(json!({"VAR_A": 1})))
            .unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidField);
        assert!(
            error.message().contains("t.conf") && error.message().contains(word),
            "{error}"
        );
    }
}

#[test]
fn a_template_without_end_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("libvirt");
    fs::create_dir(&folder).unwrap();
    let file = fs::File::create(folder.join("provider.conf")).unwrap();
    let templates = TemplateDirectory::with_overrides(dir.path());
    file.set_len(1 << 20).unwrap();
    libvirt(&templates, "provider.conf").unwrap();
    file.set_len((1 << 20) + 1).unwrap();
    let error = libvirt(&templates, "provider.conf").unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidField);
}
