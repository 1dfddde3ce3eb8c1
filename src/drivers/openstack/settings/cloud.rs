//! What a cloud of `clouds.yaml` says that the record which names it does not.

use serde_json::Value;

use super::clouds;
use super::members::{
    ACCESS_TOKEN, APPLICATION_CREDENTIAL_ID, APPLICATION_CREDENTIAL_NAME,
    APPLICATION_CREDENTIAL_SECRET, AUTH_TYPE, CLOUD, DOMAIN_SCOPE, HOST_IP, HOST_PROTOCOL,
    IDENTITY_URL, INSECURE, MEMBERS, PASSCODE, PASSWORD, PROJECT_DOMAIN, PROJECT_DOMAIN_ID,
    PROJECT_DOMAIN_NAME, PROJECT_ID, REGION, REGIONS, SYSTEM_SCOPE, TENANT, TOKEN, TRUST_ID, URI,
    USER_DOMAIN, USER_DOMAIN_ID, USER_DOMAIN_NAME, USER_ID, USERNAME, VERIFY,
};
use crate::decode::decode;
use crate::driver::{ProviderMember, Record};
use crate::{Error, Result};

/// Ways to say one thing. Where the record has one of them, the cloud's others do not count.
const WAYS: &[&[&[&ProviderMember]]] = &[
    &[&[HOST_IP, HOST_PROTOCOL], &[IDENTITY_URL], &[URI]],
    &[&[USERNAME], &[USER_ID]],
    &[
        &[AUTH_TYPE],
        &[PASSWORD, PASSCODE],
        &[TOKEN],
        &[ACCESS_TOKEN],
        &[
            APPLICATION_CREDENTIAL_ID,
            APPLICATION_CREDENTIAL_NAME,
            APPLICATION_CREDENTIAL_SECRET,
        ],
    ],
    &[
        &[TENANT],
        &[PROJECT_ID],
        &[TRUST_ID],
        &[DOMAIN_SCOPE],
        &[SYSTEM_SCOPE],
    ],
    &[&[USER_DOMAIN], &[USER_DOMAIN_NAME], &[USER_DOMAIN_ID]],
    &[
        &[PROJECT_DOMAIN],
        &[PROJECT_DOMAIN_NAME],
        &[PROJECT_DOMAIN_ID],
    ],
    &[&[INSECURE], &[VERIFY]],
    &[&[REGION], &[REGIONS]],
];

/// Adds to `record` what the cloud says that it names.
pub(super) fn add(record: &mut Record) -> Result<()> {
    let Some(name) = record.text(CLOUD)? else {
        return Ok(());
    };
    let at = record.pointer(CLOUD);
    let region = record.text(REGION)?;
    let cloud =
        clouds::named(&name, region.as_deref()).map_err(|error| error.with_field(at.clone()))?;
    let about = |error: Error| {
        let message = format!("the cloud {name:?} of clouds.yaml: {}", error.message());
        error.with_message(message).with_field(at.clone())
    };
    let cloud = decode(&Value::Object(cloud), "/provider").map_err(about)?;
    let cloud = Record::read(&cloud, &MEMBERS).map_err(about)?;
    let counts = |member: &ProviderMember, record: &Record| {
        let mut ways = WAYS.iter().filter(|ways| ways.concat().contains(&member));
        !ways.any(|ways| {
            let mut others = ways.iter().filter(|way| !way.contains(&member));
            others.any(|way| way.iter().any(|other| record.has(other)))
        })
    };
    let said = record.clone();
    record.complete(&cloud, &at, |member| counts(member, &said))
}
