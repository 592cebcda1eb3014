# Depthwise-separable blocks, as in MobileNet.
from tensorflow.keras import Sequential
from tensorflow.keras.layers import *
from tensorflow.keras.optimizers import *

model = Sequential([
    Input((32, 32, 3)),
    Conv2D(32, 3, padding='same', use_bias=False), BatchNormalization(), ReLU(),
    DepthwiseConv2D(3, padding='same', use_bias=False), BatchNormalization(), ReLU(),
    Conv2D(64, 1, use_bias=False), BatchNormalization(), ReLU(),
    DepthwiseConv2D(3, strides=2, padding='same', use_bias=False), BatchNormalization(), ReLU(),
    Conv2D(128, 1, use_bias=False), BatchNormalization(), ReLU(),
    GlobalAveragePooling2D(),
    Dense(10, activation='softmax'),
])
model.compile(optimizer='adam', loss='categorical_crossentropy')
