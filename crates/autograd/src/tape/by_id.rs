//! What belongs to parameters, found by their identities.

/// A map from identities, in one sorted vector. Identities rise as parameters are made, and a program mostly uses parameters
/// in the order in which it made them, so that entering one is appending it.
#[derive(Clone, Debug)]
pub(super) struct ById<V>(Vec<(u64, V)>);

impl<V> Default for ById<V> {
    fn default() -> Self {
        ById(Vec::new())
    }
}

impl<V> ById<V> {
    /// Where an identity stands, or where it belongs.
    fn place(&self, id: u64) -> Result<usize, usize> {
        match self.0.last() {
            Some(&(last, _)) if id <= last => self.0.binary_search_by_key(&id, |&(id, _)| id),
            _ => Err(self.0.len()),
        }
    }

    pub fn get(&self, id: u64) -> Option<&V> {
        self.place(id).ok().map(|place| &self.0[place].1)
    }

    /// Lets a value belong to an identity, in the place of another if there was one.
    pub fn insert(&mut self, id: u64, value: V) {
        match self.place(id) {
            Ok(place) => self.0[place].1 = value,
            Err(place) => self.0.insert(place, (id, value)),
        }
    }

    /// What belongs to an identity, made first if there is nothing.
    pub fn or_default(&mut self, id: u64) -> &mut V
    where
        V: Default,
    {
        let place = self.place(id).unwrap_or_else(|place| {
            self.0.insert(place, (id, V::default()));
            place
        });
        &mut self.0[place].1
    }

    /// In the order of the identities.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &V)> {
        self.0.iter().map(|(id, value)| (*id, value))
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// In the same order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// The same identities with other values.
    pub fn map<W>(&self, mut f: impl FnMut(&V) -> W) -> ById<W> {
        ById(self.0.iter().map(|(id, value)| (*id, f(value))).collect())
    }
}

impl<V> IntoIterator for ById<V> {
    type Item = (u64, V);
    type IntoIter = std::vec::IntoIter<(u64, V)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
