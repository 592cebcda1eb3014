# A convolutional autoencoder with transposed convolutions.
from tensorflow.keras import Sequential
from tensorflow.keras.layers import *
from tensorflow.keras.optimizers import *

model = Sequential([
    Input((28, 28, 1)),
    Conv2D(16, 3, strides=2, padding='same', activation='relu'),
    Conv2D(32, 3, strides=2, padding='same', activation='relu'),
    Conv2DTranspose(16, 3, strides=2, padding='same', activation='relu'),
    Conv2DTranspose(1, 3, strides=2, padding='same', activation='sigmoid'),
])
model.compile(optimizer='adam', loss='mean_squared_error')
