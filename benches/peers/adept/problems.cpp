// The scalar problems of `benches/benches/scalar/problems.rs` in Adept: same data, same timing rule, same rows.
// Each gradient is checked against differences before it is timed.

#include <adept.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

// Adept's own sources, as it is a library of headers here.
#include <adept_source.h>

using adept::adouble;
using std::vector;

// Knuth's 64-bit linear congruential generator; the upper 53 bits are the number.
struct Uniform {
    uint64_t state;

    double next(double low, double high) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return low + (high - low) * (double(state >> 11) / 9007199254740992.0);
    }

    vector<double> take(size_t count, double low, double high) {
        vector<double> numbers(count);
        for (double& number : numbers) number = next(low, high);
        return numbers;
    }
};

template <class A> A square(const A& x) { return A(x * x); }
template <class A> A rectified(const A& x) { return x > 0.0 ? x : A(0.0); }
template <class A> A sigmoid(const A& x) { return A(1.0 / (1.0 + exp(-x))); }

struct Speelpenning {
    vector<double> point;

    explicit Speelpenning(size_t n) : point(n) {
        for (size_t i = 0; i < n; i++) point[i] = (1.0 + double(i)) / (2.0 + double(i));
    }

    template <class A> A value(const vector<A>& x) const {
        A product = x[0];
        for (size_t i = 1; i < x.size(); i++) product *= x[i];
        return product;
    }
};

struct Rosenbrock {
    vector<double> point;

    explicit Rosenbrock(size_t n) : point(Uniform{7}.take(n, -1.5, 1.5)) {}

    template <class A> A value(const vector<A>& x) const {
        A sum = 0.0;
        for (size_t i = 0; i + 1 < x.size(); i++) {
            A across = x[i + 1] - x[i] * x[i];
            A rest = 1.0 - x[i];
            sum += 100.0 * across * across + rest * rest;
        }
        return sum;
    }
};

template <class A> A log_sum_exp(const A* x, size_t count) {
    A largest = x[0];
    for (size_t i = 1; i < count; i++)
        if (x[i] > largest) largest = x[i];
    A sum = 0.0;
    for (size_t i = 0; i < count; i++) sum += exp(x[i] - largest);
    return A(log(sum) + largest);
}

struct Mixture {
    size_t dimension, components;
    vector<double> data, point;

    Mixture(size_t d, size_t k, size_t samples) : dimension(d), components(k) {
        Uniform random{11};
        data = random.take(samples * d, -2.0, 2.0);
        for (auto part : {random.take(k, -1.0, 1.0), random.take(k * d, 0.0, 1.0), random.take(k * d * (d + 1) / 2, -0.5, 0.5)})
            point.insert(point.end(), part.begin(), part.end());
    }

    template <class A> A value(const vector<A>& x) const {
        size_t d = dimension, k = components, width = d * (d + 1) / 2;
        const A *weights = &x[0], *means = weights + k, *factors = means + k * d;
        vector<A> diagonals(k * d), log_determinants(k), centred(d), terms(k);
        for (size_t c = 0; c < k; c++) {
            log_determinants[c] = 0.0;
            for (size_t j = 0; j < d; j++) {
                diagonals[c * d + j] = exp(factors[c * width + j]);
                log_determinants[c] += factors[c * width + j];
            }
        }
        A total = 0.0;
        for (const double* sample = data.data(); sample < data.data() + data.size(); sample += d) {
            for (size_t c = 0; c < k; c++) {
                const A* below = factors + c * width + d;
                for (size_t j = 0; j < d; j++) centred[j] = sample[j] - means[c * d + j];
                A sum = 0.0;
                for (size_t j = 0; j < d; j++) {
                    A row = diagonals[c * d + j] * centred[j];
                    for (size_t i = 0; i < j; i++) row += below[i * (2 * d - i - 1) / 2 + (j - i - 1)] * centred[i];
                    sum += row * row;
                }
                terms[c] = weights[c] + log_determinants[c] - 0.5 * sum;
            }
            total += log_sum_exp(terms.data(), k);
        }
        total -= double(data.size() / d) * log_sum_exp(weights, k);
        for (size_t c = 0; c < k; c++) {
            A sum = 0.0;
            for (size_t j = 0; j < d; j++) sum += square(diagonals[c * d + j]);
            for (size_t j = d; j < width; j++) sum += square(factors[c * width + j]);
            total += 0.5 * sum;
        }
        return total;
    }
};

struct Network {
    struct Row { double x, y, label; };
    vector<Row> data;
    vector<double> point;

    Network() {
        Uniform random{3};
        for (int i = 0; i < 100; i++) {
            double angle = M_PI * double(i / 2) / 49.0;
            double x = i % 2 ? 1.0 - cos(angle) : cos(angle), y = i % 2 ? 0.5 - sin(angle) : sin(angle);
            double dx = random.next(-0.15, 0.15), dy = random.next(-0.15, 0.15);
            data.push_back({x + dx, y + dy, i % 2 ? 1.0 : -1.0});
        }
        for (auto [inputs, outputs] : {std::pair{2, 16}, {16, 16}, {16, 1}})
            for (int o = 0; o < outputs; o++) {
                for (double weight : random.take(size_t(inputs), -1.0, 1.0)) point.push_back(weight);
                point.push_back(0.01);
            }
    }

    template <class A> static A neuron(const A* weights, const A* inputs) {
        A sum = weights[16];
        for (int i = 0; i < 16; i++) sum += weights[i] * inputs[i];
        return sum;
    }

    template <class A> A value(const vector<A>& x) const {
        const A *first = &x[0], *second = first + 16 * 3, *last = second + 16 * 17;
        A loss = 0.0, a[16], b[16];
        for (const Row& row : data) {
            for (int i = 0; i < 16; i++)
                a[i] = rectified(A(first[3 * i + 2] + first[3 * i] * row.x + first[3 * i + 1] * row.y));
            for (int i = 0; i < 16; i++) b[i] = rectified(neuron(second + 17 * i, a));
            loss += rectified(A(1.0 - neuron(last, b) * row.label));
        }
        A penalty = 0.0;
        for (const A& weight : x) penalty += weight * weight;
        return A(loss * 0.01 + penalty * 1e-4);
    }
};

struct Recurrent {
    size_t layers, width;
    vector<double> point, state, text;

    Recurrent(size_t layers, size_t length, size_t width) : layers(layers), width(width) {
        Uniform random{9};
        point = random.take((8 * layers + 3) * width, 0.0, 1.0);
        state = random.take(2 * layers * width, 0.0, 1.0);
        text = random.take(length * width, 0.0, 1.0);
        for (double& bit : text) bit = bit < 0.5 ? 0.0 : 1.0;
    }

    template <class A> A value(const vector<A>& x) const {
        size_t b = width;
        const A* extra = &x[8 * layers * b];
        vector<A> now(state.begin(), state.end()), flow(b);
        A total = 0.0;
        size_t characters = text.size() / b;
        for (size_t t = 0; t + 1 < characters; t++) {
            const double *here = &text[t * b], *next = here + b;
            for (size_t i = 0; i < b; i++) flow[i] = extra[i] * here[i];
            for (size_t l = 0; l < layers; l++) {
                const A* w = &x[8 * b * l];
                A *hidden = &now[2 * b * l], *cell = hidden + b;
                for (size_t i = 0; i < b; i++) {
                    A forget = sigmoid(A(flow[i] * w[i] + w[4 * b + i]));
                    A take = sigmoid(A(hidden[i] * w[b + i] + w[5 * b + i]));
                    A give = sigmoid(A(flow[i] * w[2 * b + i] + w[6 * b + i]));
                    A change = tanh(hidden[i] * w[3 * b + i] + w[7 * b + i]);
                    cell[i] = cell[i] * forget + take * change;
                    hidden[i] = give * tanh(cell[i]);
                    flow[i] = hidden[i];
                }
            }
            A sum = 2.0;
            for (size_t i = 0; i < b; i++) {
                flow[i] = flow[i] * extra[b + i] + extra[2 * b + i];
                sum += exp(flow[i]);
            }
            A logarithm = log(sum);
            for (size_t i = 0; i < b; i++)
                if (next[i] != 0.0) total += (flow[i] - logarithm) * next[i];
        }
        return A(total * (-1.0 / double((characters - 1) * b)));
    }
};

template <class A> void residual(const A* camera, const A* point, const A& weight, const double* feature, A* out) {
    A p[3], axis[3], rotated[3];
    for (int i = 0; i < 3; i++) p[i] = point[i] - camera[3 + i];
    A angle = sqrt(camera[0] * camera[0] + camera[1] * camera[1] + camera[2] * camera[2]);
    A c = cos(angle), s = sin(angle), inverse = 1.0 / angle;
    for (int i = 0; i < 3; i++) axis[i] = camera[i] * inverse;
    A along = (axis[0] * p[0] + axis[1] * p[1] + axis[2] * p[2]) * (1.0 - c);
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        rotated[i] = p[i] * c + (axis[j] * p[k] - axis[k] * p[j]) * s + axis[i] * along;
    }
    A u = rotated[0] / rotated[2], v = rotated[1] / rotated[2];
    A length = u * u + v * v;
    A distortion = camera[9] * length + 1.0 + camera[10] * (length * length);
    out[0] = weight * (u * distortion * camera[6] + camera[7] - feature[0]);
    out[1] = weight * (v * distortion * camera[6] + camera[8] - feature[1]);
}

struct Bundle {
    size_t cameras, points, observations;
    vector<double> point, features;

    Bundle(size_t cameras, size_t points, size_t observations)
        : cameras(cameras), points(points), observations(observations) {
        Uniform random{5};
        const double ranges[11][2] = {{-0.15, 0.15}, {-0.15, 0.15}, {0.05, 0.2}, {20, 30}, {20, 30}, {20, 30},
                                      {300, 400},    {-5, 5},       {-5, 5},     {0, 0.1}, {0, 0.01}};
        for (size_t i = 0; i < cameras; i++)
            for (auto& range : ranges) point.push_back(random.next(range[0], range[1]));
        for (double number : random.take(3 * points, 0.0, 8.0)) point.push_back(number);
        for (size_t i = 0; i < observations; i++) {
            point.push_back(random.next(0.3, 0.9));
            features.push_back(random.next(-500.0, 500.0));
            features.push_back(random.next(-500.0, 500.0));
        }
    }

    template <class A> void observe(const A* x, size_t i, A* out) const {
        const A *places = x + 11 * cameras, *weights = places + 3 * points;
        residual(x + 11 * (i % cameras), places + 3 * (i % points), weights[i], &features[2 * i], out);
    }

    template <class A> A value(const vector<A>& x) const {
        A total = 0.0, found[2];
        for (size_t i = 0; i < observations; i++) {
            observe(x.data(), i, found);
            total += found[0] * found[0] + found[1] * found[1];
        }
        return A(total * 0.5);
    }
};

// The timing rule of `benches::measure`: several functions in turn, a sample lasts a millisecond.
struct Timing { double median, best; };

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double sample(const std::function<void()>& function, size_t repeats) {
    double start = seconds();
    for (size_t i = 0; i < repeats; i++) function();
    return seconds() - start;
}

vector<Timing> measure(const vector<std::function<void()>>& functions) {
    const char* text = getenv("BENCH_SECS");
    double budget = (text ? atof(text) : 1.0) * double(functions.size());
    vector<size_t> repeats;
    for (auto& function : functions) {
        sample(function, 3);
        size_t count = 1;
        while (sample(function, count) < 1e-3) count *= 2;
        repeats.push_back(count);
    }
    vector<vector<double>> samples(functions.size());
    for (double start = seconds(); samples[0].size() < 5 || seconds() - start < budget;)
        for (size_t i = 0; i < functions.size(); i++)
            samples[i].push_back(sample(functions[i], repeats[i]) * 1e6 / double(repeats[i]));
    vector<Timing> found;
    for (auto& times : samples) {
        std::sort(times.begin(), times.end());
        found.push_back({times[times.size() / 2], times[0]});
    }
    return found;
}

vector<double> medians, bests;
volatile double sink;

void report(const std::string& name, bool counts, const vector<Timing>& times) {
    const char* metrics[2] = {"primal", "gradient"};
    for (int i = 0; i < 2; i++) printf("%s,%s,1,%.4f,%.4f,us\n", name.c_str(), metrics[i], times[i].median, times[i].best);
    double median = times[1].median / times[0].median, best = times[1].best / times[0].best;
    printf("%s,ratio,1,%.4f,%.4f,ratio\n", name.c_str(), median, best);
    if (counts) medians.push_back(log(median)), bests.push_back(log(best));
    fflush(stdout);
}

// Ends the program if a slope along a direction is not what differences say.
template <class Value> void check(const std::string& name, const vector<double>& x, Value value, const vector<double>& slope) {
    vector<double> direction = Uniform{1}.take(x.size(), -1.0, 1.0);
    auto along = [&](double h) {
        vector<double> up = x, down = x;
        for (size_t i = 0; i < x.size(); i++) up[i] += h * direction[i], down[i] -= h * direction[i];
        return (value(up) - value(down)) / (2.0 * h);
    };
    double numeric = (4.0 * along(1e-6) - along(2e-6)) / 3.0, exact = 0.0, size = 0.0;
    for (size_t i = 0; i < x.size(); i++) exact += slope[i] * direction[i], size += fabs(slope[i] * direction[i]);
    if (!(fabs(exact - numeric) <= 1e-6 * size)) {
        fprintf(stderr, "%s: gradient %g, differences %g\n", name.c_str(), exact, numeric);
        exit(1);
    }
}

adept::Stack* stack;

template <class P> void gradient(const std::string& name, bool counts, const P& problem) {
    vector<double> x = problem.point, slope(x.size());
    vector<adouble> active(x.size());
    auto differentiate = [&] {
        adept::set_values(active.data(), active.size(), x.data());
        stack->new_recording();
        adouble y = problem.value(active);
        y.set_gradient(1.0);
        stack->reverse();
        adept::get_gradients(active.data(), active.size(), slope.data());
    };
    differentiate();
    check(name, x, [&](const vector<double>& x) { return problem.value(x); }, slope);
    report(name, counts, measure({[&] { sink = problem.value(x); }, differentiate}));
}

void bundle_jacobian(const std::string& name, const Bundle& bundle) {
    vector<double> jacobian(bundle.observations * 30);
    const double *x = bundle.point.data(), *places = x + 11 * bundle.cameras, *weights = places + 3 * bundle.points;
    adouble active[15], found[2];
    auto differentiate = [&] {
        for (size_t i = 0; i < bundle.observations; i++) {
            adept::set_values(active, 11, x + 11 * (i % bundle.cameras));
            adept::set_values(active + 11, 3, places + 3 * (i % bundle.points));
            active[14].set_value(weights[i]);
            stack->new_recording();
            residual(active, active + 11, active[14], &bundle.features[2 * i], found);
            for (int k = 0; k < 2; k++) {
                stack->clear_gradients();
                found[k].set_gradient(1.0);
                stack->reverse();
                adept::get_gradients(active, 15, &jacobian[30 * i + 15 * k]);
            }
        }
        sink = jacobian[0];
    };
    differentiate();
    for (size_t i = 0; i < bundle.observations; i += 1000) {
        vector<double> arguments(x + 11 * (i % bundle.cameras), x + 11 * (i % bundle.cameras) + 11);
        arguments.insert(arguments.end(), places + 3 * (i % bundle.points), places + 3 * (i % bundle.points) + 3);
        arguments.push_back(weights[i]);
        for (int k = 0; k < 2; k++) {
            auto value = [&](const vector<double>& a) {
                double out[2];
                residual(a.data(), a.data() + 11, a[14], &bundle.features[2 * i], out);
                return out[k];
            };
            check(name, arguments, value, {jacobian.begin() + 30 * i + 15 * k, jacobian.begin() + 30 * i + 15 * k + 15});
        }
    }
    auto primal = [&] {
        double sum = 0.0, out[2];
        for (size_t i = 0; i < bundle.observations; i++) {
            bundle.observe(x, i, out);
            sum += out[0] + out[1];
        }
        sink = sum;
    };
    report(name, true, measure({primal, differentiate}));
}

int main() {
    adept::Stack whole;
    stack = &whole;
    printf("workload,metric,threads,median,best,unit\n");
    gradient("speelpenning_1e5", true, Speelpenning(100000));
    gradient("speelpenning_1e6", false, Speelpenning(1000000));
    gradient("rosenbrock_1e5", true, Rosenbrock(100000));
    gradient("rosenbrock_1e6", false, Rosenbrock(1000000));
    gradient("gmm_d10_k25_n1000", true, Mixture(10, 25, 1000));
    gradient("mlp_2_16_16_1", true, Network());
    gradient("lstm_l2_c1024_b14", true, Recurrent(2, 1024, 14));
    gradient("ba_gradient", true, Bundle(49, 7776, 31843));
    bundle_jacobian("ba_jacobian", Bundle(49, 7776, 31843));
    auto mean = [](const vector<double>& logs) {
        double sum = 0.0;
        for (double number : logs) sum += number;
        return exp(sum / double(logs.size()));
    };
    printf("all,ratio_geometric_mean,1,%.4f,%.4f,ratio\n", mean(medians), mean(bests));
}
