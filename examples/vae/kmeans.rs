//! Clusters, after Lloyd (1982), from starts after Arthur and Vassilvitskii (2007, *k-means++*).

use autograd::Tensor;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// The cluster of each row `[n, features]`, of `k`: the best of ten starts, by the squared distances to the middles.
pub fn k_means(rows: &Tensor, k: usize, generator: &mut ChaCha8Rng) -> Vec<usize> {
    let features = rows.shape()[1];
    let numbers = rows.to_vec();
    let rows: Vec<&[f32]> = numbers.chunks(features).collect();
    let tries = (0..10).map(|_| from_start(&rows, k, generator));
    tries.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, clusters)| clusters).unwrap_or_default()
}

fn from_start(rows: &[&[f32]], k: usize, generator: &mut ChaCha8Rng) -> (f64, Vec<usize>) {
    let mut middles = vec![rows[generator.random_range(0..rows.len())].to_vec()];
    while middles.len() < k {
        // The next middle is a row drawn by its squared distance to those that there are.
        let distances: Vec<f64> = rows.iter().map(|row| nearest(row, &middles).1).collect();
        let mut left = generator.random::<f64>() * distances.iter().sum::<f64>();
        let drawn = distances.iter().position(|distance| {
            left -= distance;
            left <= 0.0
        });
        middles.push(rows[drawn.unwrap_or(rows.len() - 1)].to_vec());
    }
    let mut clusters = vec![usize::MAX; rows.len()];
    loop {
        let next: Vec<(usize, f64)> = rows.iter().map(|row| nearest(row, &middles)).collect();
        let moved = next.iter().zip(&clusters).any(|((cluster, _), before)| cluster != before);
        clusters = next.iter().map(|&(cluster, _)| cluster).collect();
        if !moved {
            return (next.iter().map(|(_, distance)| distance).sum(), clusters);
        }
        for (cluster, middle) in middles.iter_mut().enumerate() {
            let own: Vec<&&[f32]> =
                rows.iter().zip(&clusters).filter(|(_, c)| **c == cluster).map(|(row, _)| row).collect();
            if !own.is_empty() {
                let mean = |feature: usize| own.iter().map(|row| row[feature]).sum::<f32>() / own.len() as f32;
                *middle = (0..middle.len()).map(mean).collect();
            }
        }
    }
}

fn nearest(row: &[f32], middles: &[Vec<f32>]) -> (usize, f64) {
    let distance = |middle: &Vec<f32>| row.iter().zip(middle).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
    let all = middles.iter().map(distance).enumerate();
    all.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0))
}

/// The share of rows that are of the class which is the most frequent in their cluster.
pub fn purity(clusters: &[usize], labels: &[usize]) -> f64 {
    let (k, classes) = (clusters.iter().max().map_or(0, |c| c + 1), labels.iter().max().map_or(0, |c| c + 1));
    let mut counts = vec![vec![0; classes]; k];
    for (&cluster, &label) in clusters.iter().zip(labels) {
        counts[cluster][label] += 1;
    }
    let most: usize = counts.iter().map(|row| row.iter().copied().max().unwrap_or(0)).sum();
    most as f64 / labels.len().max(1) as f64
}
