//! The keys of service accounts, as calls prove themselves with them: from memory, without a statement.

use super::{Key, Snapshot};
use crate::clock::Micros;
use crate::domain::visibility::account_name;
use crate::id::{ApiKeyId, ServiceAccountId};
use crate::secret::{digest, same};

// === impl Snapshot ===

impl Snapshot {
    /// Whose key it is: if it is there with this secret, has not ended, and its account is switched on.
    pub fn account_of(&self, id: ApiKeyId, secret: &[u8], now: Micros) -> Option<ServiceAccountId> {
        let key = self.key(id)?;
        let right = same(&key.hash, &digest(&[secret]));
        let good =
            right && now < key.expire_time && self.index.is_active(&account_name(key.account));
        good.then_some(key.account)
    }

    /// Whether a key that somebody called with is there still, and has not ended.
    pub fn is_good(&self, id: ApiKeyId, now: Micros) -> bool {
        self.key(id).is_some_and(|key| {
            now < key.expire_time && self.index.is_active(&account_name(key.account))
        })
    }

    /// A key, by its id.
    fn key(&self, id: ApiKeyId) -> Option<&Key> {
        let found = self.keys.binary_search_by_key(&id, |key| key.id);
        found.ok().map(|place| &self.keys[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::visibility::fact::{Fact, ServiceAccount};

    fn key(account: ServiceAccountId, secret: &[u8], expire_time: Micros) -> Key {
        Key { id: ApiKeyId::new(), account, hash: digest(&[secret]).to_vec(), expire_time }
    }

    fn snapshot(keys: Vec<Key>, disabled: &[ServiceAccountId]) -> Snapshot {
        let facts = keys.iter().map(|key| {
            let disabled = disabled.contains(&key.account);
            Fact::ServiceAccount(key.account, Some(ServiceAccount { disabled }))
        });
        let index = Snapshot::default().index.with(facts);
        Snapshot { index, keys, ..Snapshot::default() }
    }

    #[test]
    fn a_08_a_key_is_good_until_its_end() {
        let account = ServiceAccountId::new();
        let one = key(account, b"secret", 1_000);
        let (id, all) = (one.id, snapshot(vec![one], &[]));
        assert_eq!(all.account_of(id, b"secret", 0), Some(account));
        assert_eq!(all.account_of(id, b"secret", 999), Some(account));
        assert_eq!(all.account_of(id, b"secret", 1_000), None);
        assert!(
            all.is_good(id, 999) && !all.is_good(id, 1_000) && !all.is_good(ApiKeyId::new(), 0)
        );
    }

    #[test]
    fn a_08_a_key_is_good_with_its_own_secret_and_an_account_that_is_on() {
        let (on, off) = (ServiceAccountId::new(), ServiceAccountId::new());
        let (one, two, dead) = (key(on, b"one", 9), key(on, b"two", 9), key(off, b"three", 9));
        let ids = [one.id, two.id, dead.id];
        let all = snapshot(vec![one, two, dead], &[off]);
        assert_eq!(all.account_of(ids[0], b"one", 0), Some(on));
        assert_eq!(all.account_of(ids[1], b"two", 0), Some(on));
        assert_eq!(all.account_of(ids[0], b"two", 0), None);
        assert_eq!(all.account_of(ids[0], b"", 0), None);
        assert_eq!(all.account_of(ids[2], b"three", 0), None);
        assert_eq!(all.account_of(ApiKeyId::new(), b"one", 0), None);
    }
}
