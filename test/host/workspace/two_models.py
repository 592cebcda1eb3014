from tensorflow.keras import Sequential
from tensorflow.keras.layers import BatchNormalization, Conv2D, Dense, Flatten

small = Sequential([
    Conv2D(4, 3, input_shape=(28, 28, 1), kernel_initializer="he_normal"),
    BatchNormalization(),
    Flatten(),
    Dense(10, activation="softmax"),
])

large = Sequential([
    Conv2D(16, 5, input_shape=(28, 28, 1)),
    Flatten(),
    Dense(10, activation="softmax"),
])
