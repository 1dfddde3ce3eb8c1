//! The minion's key pair: the caller's, or one made for it.

use crate::driver::{Context, CreatedMinion, MinionSpec, ServerSpec};
use crate::salt::{HashType, KeyPair, MinionId, RsaBits};
use crate::{Error, Result, Secret};

/// The minion's key pair.
#[derive(Debug, Clone)]
pub(in crate::drivers) struct Keys {
    pub(in crate::drivers) public: String,
    pub(in crate::drivers) private: Secret,
    pub(in crate::drivers) fingerprint: String,
}

/// The pair that `spec` brings, checked; none where one is to be made or there is no minion.
pub(in crate::drivers) fn given(spec: &ServerSpec) -> Result<Option<Keys>> {
    let Some(minion) = &spec.minion else {
        return Ok(None);
    };
    bits(minion)?;
    let Some(keys) = &minion.keys else {
        return Ok(None);
    };
    let pair = KeyPair::from_pem(&keys.private, Some(&keys.public)).map_err(|error| {
        let member = error.field().unwrap_or_default().to_owned();
        error.with_field(format!("/server/minion/keys{member}"))
    })?;
    Ok(Some(of(&pair)))
}

/// The pair of the size that `spec` asks for, made now unless it was begun before.
pub(in crate::drivers) fn make(cx: &Context, spec: &ServerSpec) -> Result<Keys> {
    Ok(of(&cx.pair_ahead.take(size(spec)?)?))
}

/// The size of the pair that `spec` asks for.
pub(in crate::drivers) fn size(spec: &ServerSpec) -> Result<RsaBits> {
    let bits = spec.minion.as_ref().map(bits).transpose()?;
    Ok(bits.unwrap_or_default())
}

/// What stands for a pair while the seed is tried out: it has the form of keys and is none.
pub(in crate::drivers) fn sample() -> Keys {
    let pem = |label: &str| format!("-----BEGIN {label}-----\nc2FtcGxl\n-----END {label}-----\n");
    Keys {
        public: pem("PUBLIC KEY"),
        private: Secret::new(pem("RSA PRIVATE KEY")),
        fingerprint: String::new(),
    }
}

/// What an answer says of the minion `id`, where the server has one.
pub(in crate::drivers) fn created_minion(
    keys: Option<Keys>,
    id: Option<&MinionId>,
    accepted: bool,
) -> Option<CreatedMinion> {
    keys.zip(id).map(|(keys, id)| CreatedMinion {
        id: id.to_string(),
        fingerprint: keys.fingerprint,
        public_key: keys.public,
        accepted,
    })
}

fn bits(minion: &MinionSpec) -> Result<RsaBits> {
    match minion.keysize {
        None => Ok(RsaBits::default()),
        Some(bits) => u16::try_from(bits)
            .map_err(|_| ())
            .and_then(|bits| RsaBits::try_from(bits).map_err(|_| ()))
            .map_err(|()| {
                let message = format!("a key of {bits} bits; 2048, 3072 and 4096 are allowed");
                Error::invalid("/server/minion/keysize", message)
            }),
    }
}

fn of(pair: &KeyPair) -> Keys {
    Keys {
        public: pair.public().pem().to_owned(),
        private: pair.private().clone(),
        fingerprint: pair.public().fingerprint(HashType::Sha256),
    }
}
