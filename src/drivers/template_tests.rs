//! What a caller brings to the rendering of templates.

use serde_json::json;

use super::libvirt::LibvirtDriver;
use crate::Result;
use crate::driver::template_vars::Vars;
use crate::driver::templates::Templates;
use crate::driver::{Context, Driver, Provider};

fn rendered(given: serde_json::Value) -> Result<(String, String)> {
    let dir = tempfile::tempdir().unwrap();
    let given: Templates = serde_json::from_value(given).unwrap();
    let cx = Context::below(dir.path()).with_templates(given)?;
    let provider: Provider = serde_json::from_value(json!({
        "driver_name": "libvirt", "provider_name": "kvm", "uri": "test:///default",
        "defaults": {"network": "lan", "image": "i", "size": "s"}
    }))
    .unwrap();
    LibvirtDriver.render(&cx, &provider, None, &Vars::new())
}

#[test]
fn a_callers_variables_and_templates_count_over_the_drivers() {
    let old = "VAR_PROVIDER_NAME:\n  driver: x\n  ssh_key_name: VAR_SSH_NAME\n  size: VAR_SIZE\n";
    let (of_provider, of_profile) = rendered(json!({
        "provider_vars": {"VAR_SSH_NAME": "a: b", "VAR_SIZE": "other"},
        "profile_vars": {"VAR_SIZE": "small", "VAR_IMAGE": null, "VAR_SSH_NAME": null},
        "provider": old,
        "profile": "VAR_PROFILE_NAME: {networks: VAR_NETWORKS, role: VAR_ROLE, size: VAR_SIZE, image: VAR_IMAGE, key: VAR_SSH_NAME}\n",
    }))
    .unwrap();
    assert!(
        of_provider.contains("ssh_key_name: \"a: b\""),
        "{of_provider}"
    );
    assert!(of_provider.contains("size: \"other\""), "{of_provider}");
    // what the caller does not know is the driver's
    assert!(
        of_profile.contains("image: \"i\"") && !of_profile.contains("key"),
        "{of_profile}"
    );
    assert!(
        of_profile.contains("- \"lan\"") && !of_profile.contains("role"),
        "{of_profile}"
    );
}

#[test]
fn what_no_template_can_name_is_refused() {
    let field = |given| rendered(given).unwrap_err().field().map(ToOwned::to_owned);
    for name in ["THIS_IP", "VAR_", "VAR_A-B"] {
        let pointer = format!("/templates/profile_vars/{name}");
        assert_eq!(field(json!({"profile_vars": {name: 1}})), Some(pointer));
    }
    let error = rendered(json!({"provider": "a: VAR_NOBODYS\n"})).unwrap_err();
    assert!(error.message().contains("VAR_NOBODYS"), "{error}");
}
