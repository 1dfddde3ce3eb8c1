//! Who we are to a host that asks for a name and a password (SASL).

use std::cell::RefCell;

use virt::connect::{Connect, ConnectAuth, ConnectCredential, ConnectCredentialType};

use crate::Secret;

/// A user name and a password for hosts that want them. TLS certificates and ssh keys are not here.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Credentials {
    /// The name.
    pub username: Option<String>,
    /// The password.
    pub password: Option<Secret>,
}

impl Credentials {
    fn is_empty(&self) -> bool {
        self.username.is_none() && self.password.is_none()
    }

    /// Opens `uri`, answering what libvirt asks on the way.
    pub(super) fn open(&self, uri: &str) -> Result<Connect, virt::error::Error> {
        if self.is_empty() {
            return Connect::open(Some(uri));
        }
        let _answers = Answers::keep(self.clone());
        let mut auth = ConnectAuth::new(
            vec![
                ConnectCredentialType::UserName,
                ConnectCredentialType::AuthName,
                ConnectCredentialType::Passphrase,
                ConnectCredentialType::NoEchoPrompt,
                ConnectCredentialType::Realm,
            ],
            answer,
        );
        Connect::open_auth(Some(uri), &mut auth, 0)
    }
}

thread_local! {
    /// `ConnectAuth` takes a function without data, and libvirt calls it on the thread that opens.
    static ANSWERS: RefCell<Option<Credentials>> = const { RefCell::new(None) };
}

/// Keeps the answers for as long as it lives.
struct Answers;

impl Answers {
    fn keep(credentials: Credentials) -> Self {
        ANSWERS.set(Some(credentials));
        Self
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        ANSWERS.set(None);
    }
}

#[allow(clippy::ptr_arg, reason = "the type that virt asks for")]
fn answer(asked: &mut Vec<ConnectCredential>) {
    ANSWERS.with_borrow(|answers| {
        let Some(answers) = answers else { return };
        for question in asked {
            let answer = match question.typed {
                ConnectCredentialType::UserName | ConnectCredentialType::AuthName => {
                    answers.username.clone()
                }
                ConnectCredentialType::Passphrase | ConnectCredentialType::NoEchoPrompt => answers
                    .password
                    .as_ref()
                    .map(|password| password.expose().to_owned()),
                _ => None,
            };
            question.result = answer.or_else(|| {
                Some(question.def_result.clone()).filter(|default| !default.is_empty())
            });
        }
    });
}
