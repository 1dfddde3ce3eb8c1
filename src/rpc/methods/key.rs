//! `key.*` and `tls.init`: they need no provider; [`crate::salt`] and [`crate::tls`] do the work.

use crate::Result;
use crate::driver::Context;
use crate::rpc::Service;
use crate::salt::methods::{
    KeyAccept, KeyAccepted, KeyFingerprint, KeyFingerprinted, KeyGenerate, KeyGenerated, KeyRevoke,
    KeyRevoked, key_accept, key_fingerprint, key_generate, key_revoke,
};
use crate::tls::{TlsInit, TlsInitialised, tls_init};

pub(super) fn generate(_: &Service, _: &Context, params: KeyGenerate) -> Result<KeyGenerated> {
    key_generate(&params)
}

pub(super) fn accept(_: &Service, _: &Context, params: KeyAccept) -> Result<KeyAccepted> {
    key_accept(&params)
}

pub(super) fn revoke(_: &Service, _: &Context, params: KeyRevoke) -> Result<KeyRevoked> {
    key_revoke(&params)
}

pub(super) fn fingerprint(
    _: &Service,
    _: &Context,
    params: KeyFingerprint,
) -> Result<KeyFingerprinted> {
    key_fingerprint(&params)
}

pub(super) fn tls(_: &Service, _: &Context, params: TlsInit) -> Result<TlsInitialised> {
    tls_init(&params)
}
