# Strided and dilated convolutions.
from tensorflow.keras import Sequential
from tensorflow.keras.layers import *
from tensorflow.keras.optimizers import *

model = Sequential([
    Input((32, 32, 3)),
    Conv2D(32, 3, strides=2, padding='same', activation='relu'),
    Conv2D(32, 3, dilation_rate=2, padding='same', activation='relu'),
    Conv2D(64, 3, strides=2, padding='same', activation='relu'),
    Conv2D(64, 3, dilation_rate=2, padding='same', activation='relu'),
    Flatten(),
    Dense(10, activation='softmax'),
])
model.compile(optimizer='adam', loss='categorical_crossentropy')
